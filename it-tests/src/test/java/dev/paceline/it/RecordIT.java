package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code paceline.record.file}: what is in it, what is not, and what can be told from it. */
class RecordIT {
  private static final String KEY = "sk-canary-of-the-key";
  private static final String QUESTION = "canary of the prompt";
  private static final String ANSWER = "canary of the answer";

  @TempDir Path folder;

  private AgentJvm asking(Class<?> app, Upstream upstream, Path record) {
    return AgentJvm.run(app)
        .against(upstream)
        .withShortWaits()
        .withProperty("paceline.record.file", record.toString())
        .withProperty("it.quiet", "true")
        .withProperty("it.key", KEY)
        .withProperty("it.question", QUESTION);
  }

  private static Upstream upstream() {
    String limited = "{\"error\":{\"message\":\"Rate limit reached, " + ANSWER + "\"}}";
    String served =
        "{\"choices\":[{\"message\":{\"content\":\""
            + ANSWER
            + "\"}}],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":8}}";
    Upstream upstream = Upstream.start();
    upstream.script("recover", Answer.status(429).saying(limited), Answer.ok().saying(served));
    upstream.script("broken", Answer.status(400).saying(limited));
    return upstream;
  }

  private List<String> lines(Path record) throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record)))
        .isEqualTo("rw-------");
    List<String> lines = Files.readAllLines(record);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(record);
    }
    return lines;
  }

  private static void assertNothingSecret(List<String> lines) {
    String text = String.join("\n", lines);
    assertThat(text).doesNotContain("canary", KEY, QUESTION, ANSWER, "127.0.0.1", "localhost");
    assertThat(text).doesNotContain("/v1", "Bearer", "Rate limit");
  }

  @Test
  void theJdksCallsAreWrittenWithoutKeysPromptsAnswersAndHosts() throws IOException {
    Path record = folder.resolve("calls.jsonl");
    try (Upstream upstream = upstream()) {
      asking(JdkApp.class, upstream, record)
          .withArguments("recover.sync", "recover.async", "broken.sync")
          .await()
          .exitedWith(0);
    }
    List<String> lines = lines(record);
    assertThat(lines).hasSize(3);
    assertNothingSecret(lines);
    assertThat(lines)
        .filteredOn(line -> line.contains("\"model\":\"recover."))
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"in\":14", "\"out\":8", "\"attempts\":2", "\"limited\":1")
                    .contains("\"outcome\":\"success\""));
    assertThat(lines).anySatisfy(line -> assertThat(line).contains("client_error"));
  }

  @Test
  void okHttpsCallsAreWrittenAlike() throws IOException {
    Path record = folder.resolve("calls.jsonl");
    try (Upstream upstream = upstream()) {
      asking(OkHttpApp.class, upstream, record)
          .with("okhttp:4.12.0")
          .withArguments("recover.sync", "recover.async", "recover.stream")
          .await()
          .exitedWith(0);
    }
    List<String> lines = lines(record);
    assertThat(lines).hasSize(3);
    assertNothingSecret(lines);
    assertThat(lines).allSatisfy(line -> assertThat(line).contains("\"attempts\":2"));
  }

  @Test
  void aFolderThatIsMissingCostsOneLineAndNoCall() throws IOException {
    try (Upstream upstream = upstream()) {
      Ended ended =
          asking(JdkApp.class, upstream, folder.resolve("absent").resolve("calls.jsonl"))
              .withArguments("recover.sync", "recover.async")
              .await()
              .exitedWith(0);
      ended.outcome("recover.sync").succeeded();
      ended.outcome("recover.async").succeeded();
      assertThat(ended.err())
          .filteredOn(line -> line.contains("paceline.record.file"))
          .singleElement()
          .asString()
          .contains("nothing is recorded any more");
    }
  }

  /** Counts, and waits within what a busy machine allows; 15 % are held by ReplayAcceptance. */
  @Test
  void aRecordedBurstIsPredicted() {
    RecordedRun run = RecordedRun.burst(folder, 270, 240);

    assertThat(run.failed()).containsExactly(0L, 0L);
    assertThat(run.measured()).isPositive();
    assertThat(run.predicted()).isBetween(run.measured() / 2, run.measured() * 2);
  }
}
