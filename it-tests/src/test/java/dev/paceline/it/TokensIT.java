package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.anthropicjava.AnthropicJavaApp;
import dev.paceline.it.app.googlegenai.GoogleGenAiApp;
import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What unmodified SDKs' answers say that they did cost is what {@code paceline.tokens} counts: of
 * answers that are read whole, cut off by the application, and never read.
 */
class TokensIT {
  /** What every whole answer reports. */
  private static final int INPUT = 9;

  private static final int OUTPUT = 7;

  private static TalkingUpstream upstream;

  /**
   * An SDK. Runs are {@code scenario.mode}, see {@link TalkingUpstream}.
   *
   * @param whole read an answer which reports its usage
   * @param quiet read an answer that reports none
   * @param cut close a stream behind its first event
   * @param unread close a stream without reading it, whose usage never came
   * @param late close a stream without reading it, all of which had been sent
   * @param lost get nothing but headers, and an exception
   */
  private record Sdk(
      String cell,
      Class<?> app,
      String provider,
      List<String> whole,
      List<String> quiet,
      List<String> cut,
      List<String> unread,
      List<String> late,
      List<String> lost) {
    @Override
    public String toString() {
      return cell;
    }
  }

  private static final List<String> CUT = List.of("talking.cut-stream");
  private static final List<String> UNREAD = List.of("silent.unread-stream");
  private static final List<String> LATE = List.of("fine.unread-stream", "talking.unread-stream");
  private static final List<String> LOST = List.of("gone.stream");

  private static final List<Sdk> SDKS =
      List.of(
          new Sdk(
              "openai-java",
              OpenAiJavaApp.class,
              "openai",
              List.of("fine.sync", "fine.async", "fine.usage-stream"),
              List.of("fine.stream", "fine.async-stream"),
              CUT,
              UNREAD,
              LATE,
              LOST),
          new Sdk(
              "anthropic-java",
              AnthropicJavaApp.class,
              "anthropic",
              List.of("fine.sync", "fine.async", "fine.stream", "fine.async-stream"),
              List.of(),
              CUT,
              UNREAD,
              LATE,
              LOST),
          new Sdk(
              "google-genai",
              GoogleGenAiApp.class,
              "gemini",
              // It reads the first event before it hands the stream out.
              List.of("fine.sync", "fine.async", "fine.stream", "fine.unread-stream"),
              List.of(),
              List.of("talking.cut-stream", "talking.unread-stream"),
              List.of(),
              List.of(),
              LOST),
          new Sdk(
              "langchain4j",
              LangChain4jApp.class,
              "openai",
              List.of("fine.sync", "fine.stream"),
              List.of(),
              CUT,
              UNREAD,
              LATE,
              LOST));

  static Stream<Arguments> cells() {
    return SDKS.stream().flatMap(sdk -> Jdk.cells().mapToObj(jdk -> Arguments.of(sdk, jdk)));
  }

  @BeforeAll
  static void start() throws IOException {
    upstream = TalkingUpstream.start();
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void tokensAreCountedAsTheProviderReportedThem(Sdk sdk, int jdk) {
    List<String> succeeding =
        Stream.of(sdk.whole(), sdk.quiet(), sdk.cut(), sdk.unread(), sdk.late())
            .flatMap(List::stream)
            .toList();
    List<String> runs = Stream.concat(succeeding.stream(), sdk.lost().stream()).toList();
    try (Forked forked =
        AgentJvm.run(sdk.app())
            .withJdk(jdk)
            .with(sdk.cell())
            .withProperty("it.url", "http://127.0.0.1:" + upstream.port())
            .withProperty("paceline.hosts", "127.0.0.1:" + upstream.port() + "=" + sdk.provider())
            .withProperty("paceline.console.port", "0")
            .withProperty("it.hold", "true")
            .withQuickStart()
            .withShortWaits()
            .withArguments(runs)
            .start()) {
      forked.awaitLine("done"::equals);
      ConsolePages console = ConsolePages.of(forked);
      Checks checks = new Checks();
      for (String run : sdk.whole()) {
        checks.check(run, () -> reported(console, run, INPUT, OUTPUT));
      }
      for (String run : sdk.cut()) {
        checks.check(
            run, () -> reported(console, run, TalkingUpstream.INPUT, TalkingUpstream.OUTPUT));
      }
      Stream.of(sdk.quiet(), sdk.unread(), sdk.lost())
          .flatMap(List::stream)
          .forEach(run -> checks.check(run, () -> reported(console, run, 0, 0)));
      for (String run : sdk.late()) {
        // A client that fetches ahead has seen what the application has not; OkHttp fetches none.
        checks.check(
            run,
            () ->
                assertThat(actual(console, run, "input"))
                    .isIn(0.0, sdk.cell().equals("langchain4j") ? INPUT * 1.0 : 0.0));
      }
      for (String run : runs) {
        assertThat(
                console.metric(
                    "paceline_tokens_total",
                    "kind=\"estimated\"",
                    "type=\"input\"",
                    "model=\"" + run + "\""))
            .as("estimate of " + run)
            .isBetween(5.0, 30.0);
      }
      checks.allHold();
      forked.tell("");
      Ended ended = forked.await().exitedWith(0);
      succeeding.forEach(run -> ended.outcome(run).succeeded());
      sdk.lost().forEach(run -> ended.outcome(run).failed());
    }
  }

  /** A stream that is hung up on ends on a thread of the client, a little later. */
  private static void reported(ConsolePages console, String run, int input, int output) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (actual(console, run, "output") != output && System.nanoTime() < deadline) {
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(actual(console, run, "input")).as("input").isEqualTo(input);
    assertThat(actual(console, run, "output")).as("output").isEqualTo(output);
  }

  private static double actual(ConsolePages console, String run, String type) {
    return console.metric(
        "paceline_tokens_total",
        "kind=\"actual\"",
        "type=\"" + type + "\"",
        "model=\"" + run + "\"");
  }
}
