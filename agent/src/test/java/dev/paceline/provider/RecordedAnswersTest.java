package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.error.LenientJson;
import dev.paceline.words.Classification;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    List<String> lines = own("answers.jsonl");
    assertThat(lines).hasSizeGreaterThan(100);
    assertThat(failures(lines)).isEmpty();
  }

  @Test
  void everySharedRecordingIsJudgedAsExpected() throws IOException {
    Path file = Samples.file("rate-limit-responses.jsonl");
    if (file == null) {
      Assumptions.abort("no shared recordings");
      return;
    }
    List<String> failures = failures(Files.readAllLines(file));
    assertThat(failures).isEmpty();
  }

  @Test
  void everySharedCaseIsJudgedAsExpected() throws IOException {
    Path file = Samples.caseFile("answers.jsonl");
    if (file == null) {
      Assumptions.abort("no shared cases");
      return;
    }
    assertThat(failures(Files.readAllLines(file))).isEmpty();
  }

  /**
   * The kinds behind the answers that were once judged wrongly, each in ten shapes and more: what
   * is held is the grammar and not one provider's sentence.
   */
  @Test
  void everyVariantOfAKindIsJudgedAsWritten() throws IOException {
    List<String> lines = own("kinds.jsonl");
    Map<String, Integer> kinds = new TreeMap<>();
    for (String line : lines) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      LenientJson.Node variant = LenientJson.parse(bytes, 0, bytes.length);
      assertThat(variant).as(line).isNotNull();
      kinds.merge(variant.get("of").text(), 1, Integer::sum);
    }
    assertThat(failures(lines)).isEmpty();
    assertThat(kinds).isNotEmpty().allSatisfy((kind, count) -> assertThat(count).isGreaterThan(9));
  }

  private static List<String> own(String resource) throws IOException {
    try (var in = RecordedAnswersTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("{"))
          .toList();
    }
  }

  private static List<String> failures(List<String> lines) {
    List<String> failures = new ArrayList<>();
    for (String line : lines) {
      LenientJson.Node sample =
          LenientJson.parse(
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
      LenientJson.Node sample, String provider) {
    LenientJson.Node body = sample.get("body");
    ProviderResponse answer =
        new ProviderResponse(
            Integer.parseInt(sample.get("status").text()),
            TestHeaders.of(sample.get("headers")),
            body.text().getBytes(StandardCharsets.UTF_8),
            true);
    Classification judgement = CLASSIFIER.judge(provider, answer, 1_700_000_000_000L);
    LenientJson.Node expected = sample.get("expected");
    String limit = judgement.limit() == null ? "unknown" : judgement.limit().tag();
    String wait =
        judgement.waitMillis() == Classification.NO_HINT
            ? ""
            : Long.toString(judgement.waitMillis());
    boolean limitFits =
        limit.equals(expected.get("limit").text())
            || limit.equals(expected.get("also").text())
            || sample.get("accept").text().startsWith(limit + ",");
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
