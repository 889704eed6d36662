package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import dev.paceline.it.app.okhttp.OverloadApp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A real program against a provider with a limit, its calls recorded; then the record replayed
 * against the same limit. What was measured is what the record says of the waits; what is predicted
 * knows only when the calls were made and what they weigh.
 *
 * @param program which client, and what it does
 * @param calls that it makes
 * @param limit of the provider, as {@code replay} takes it
 * @param measured p95 of the waits, seconds
 * @param predicted likewise
 * @param failed calls that failed, measured and predicted
 */
record RecordedRun(
    String program,
    int calls,
    List<String> limit,
    double measured,
    double predicted,
    List<Long> failed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** All at once through the JDK's client. */
  static RecordedRun burst(Path folder, int calls, int rpm) {
    return of(
        folder,
        "JdkApp burst",
        calls,
        List.of("--rpm", "" + rpm),
        "rpm=" + rpm,
        sim ->
            sim(sim, AgentJvm.run(JdkApp.class))
                .withProperty("it.load", "" + calls)
                .withArguments("burst.async"));
  }

  /** Evenly spread, more than the limit grants, through OkHttp. */
  static RecordedRun overload(Path folder, int perSecond, int seconds, int rpm) {
    return of(
        folder,
        "OkHttp overload",
        perSecond * seconds,
        List.of("--rpm", "" + rpm),
        "rpm=" + rpm,
        sim ->
            sim.called(OverloadApp.class)
                .withProperty("it.places", "1000")
                .withArguments("" + perSecond, "" + seconds, "300", "over.okhttp"));
  }

  /** Prompts of many sizes at once, through OkHttp. */
  static RecordedRun tokens(Path folder, int calls, int tpm) {
    return of(
        folder,
        "OkHttp tokens",
        calls,
        List.of("--tpm", "" + tpm),
        "tpm=" + tpm,
        sim ->
            sim(sim, AgentJvm.run(OkHttpApp.class).with("okhttp:4.12.0"))
                .withProperty("it.places", "1000")
                .withProperty("it.load", "" + calls)
                .withProperty("it.tokens", "50-4000")
                .withArguments("tokens.sync"));
  }

  private interface Program {
    AgentJvm with(SimProcess sim);
  }

  private static AgentJvm sim(SimProcess sim, AgentJvm jvm) {
    return jvm.withProperty("it.url", sim.url())
        .withProperty("paceline.hosts", "127.0.0.1:%d=openai".formatted(sim.port()));
  }

  private static RecordedRun of(
      Path folder, String name, int calls, List<String> limit, String simLimit, Program program) {
    Path record = folder.resolve(name.replace(' ', '-') + ".jsonl");
    try (SimProcess sim = SimProcess.start("--limit", simLimit, "--service", "300")) {
      program
          .with(sim)
          .withProperty("paceline.record.file", record.toString())
          .withOptions("-Xmx512m")
          .withTimeout(Duration.ofMinutes(4))
          .await()
          .exitedWith(0);
    }
    List<String> options = new ArrayList<>(limit);
    options.addAll(List.of("--cold", "--json"));
    JsonNode replay = replay(record, options);
    assertThat(replay.path("bad_lines").asLong()).as("bad lines").isZero();
    assertThat(replay.path("calls").asInt()).as("calls recorded").isEqualTo(calls);
    JsonNode model = replay.path("models").path(0);
    RecordedRun run =
        new RecordedRun(
            name,
            calls,
            limit,
            model.path("recorded").path("wait_p95_seconds").asDouble(),
            model.path("replayed").path("wait_p95_seconds").asDouble(),
            List.of(
                model.path("recorded").path("failed").asLong(),
                model.path("replayed").path("failed").asLong()));
    System.out.println(run);
    return run;
  }

  /** What {@code replay} says, as JSON. */
  static JsonNode replay(Path record, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Jdk.tool(17, "java"),
                "-jar",
                AgentJvm.JAR.toString(),
                "replay",
                record.toString()));
    command.addAll(options);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return JSON.readTree(said);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** By how much the prediction is off, as a part of what was measured. */
  double error() {
    return Math.abs(predicted - measured) / measured;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-16s %4d calls, %s: p95 of the waits measured %.1f s, predicted %.1f s (%.1f %% off);"
            + " failed %d, predicted %d",
        program,
        calls,
        String.join(" ", limit),
        measured,
        predicted,
        100 * error(),
        failed.get(0),
        failed.get(1));
  }
}
