package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Answer;
import dev.paceline.words.Judgement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The classifier over recorded answers: the repository's own cases, and the shared recordings where
 * their folder exists.
 */
class RecordedAnswersTest {
  private static final Classifier CLASSIFIER = new Classifier();

  @Test
  void everyOwnCaseIsJudgedAsWritten() throws IOException {
    try (var in = RecordedAnswersTest.class.getResourceAsStream("answers.jsonl")) {
      assertThat(in).isNotNull();
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith("{"))
              .toList();
      assertThat(lines).hasSizeGreaterThan(100);
      assertThat(failures(lines)).isEmpty();
    }
  }

  @Test
  void everySharedRecordingIsJudgedAsExpected() throws IOException {
    Path file = Samples.file("rate-limit-responses.jsonl");
    if (file == null) {
      System.out.println("Shared recordings not found: set -Dpaceline.samples=DIR to judge them");
      Assumptions.abort("no shared recordings");
      return;
    }
    List<String> failures = failures(Files.readAllLines(file));
    assertThat(failures).isEmpty();
  }

  private static List<String> failures(List<String> lines) {
    List<String> failures = new ArrayList<>();
    for (String line : lines) {
      Json.Node sample =
          Json.parse(
              line.getBytes(StandardCharsets.UTF_8),
              0,
              line.getBytes(StandardCharsets.UTF_8).length);
      assertThat(sample).as(line).isNotNull();
      for (String provider :
          List.of(
              sample.get("provider").text(),
              sample.has("auto") ? "auto" : sample.get("provider").text())) {
        String failure = failure(sample, provider);
        if (failure != null && !failures.contains(failure)) {
          failures.add(failure);
        }
      }
    }
    return failures;
  }

  private static @org.jspecify.annotations.Nullable String failure(
      Json.Node sample, String provider) {
    Json.Node body = sample.get("body");
    Answer answer =
        new Answer(
            Integer.parseInt(sample.get("status").text()),
            TestHeaders.of(sample.get("headers")),
            body.text().getBytes(StandardCharsets.UTF_8),
            true);
    Judgement judgement = CLASSIFIER.judge(provider, answer, 1_700_000_000_000L);
    Json.Node expected = sample.get("expected");
    String limit = judgement.limit() == null ? "unknown" : judgement.limit().tag();
    String wait =
        judgement.waitMillis() == Judgement.NO_HINT ? "" : Long.toString(judgement.waitMillis());
    boolean limitFits =
        limit.equals(expected.get("limit").text()) || limit.equals(expected.get("also").text());
    boolean kindFits =
        !expected.has("kind") || expected.get("kind").text().equals(judgement.kind().name());
    boolean fits =
        limitFits
            && kindFits
            && Boolean.toString(judgement.retryable()).equals(expected.get("retryable").text())
            && wait.equals(expected.get("wait_ms").text());
    return fits
        ? null
        : provider
            + " "
            + sample.get("status").text()
            + " "
            + body.text()
            + "\n    is "
            + judgement
            + "\n    not "
            + expected.get("kind").text()
            + " "
            + expected.get("limit").text()
            + " "
            + expected.get("retryable").text()
            + " "
            + expected.get("wait_ms").text();
  }
}
