package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.anthropicjava.AnthropicJavaApp;
import dev.paceline.it.app.googlegenai.GoogleGenAiApp;
import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import java.util.List;
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
  /** What every answer of the upstream reports. */
  private static final int INPUT = 9;

  private static final int OUTPUT = 7;

  private static Upstream upstream;

  /**
   * An SDK.
   *
   * @param whole modes that read an answer which reports its usage
   * @param silent modes whose answer reports none
   * @param cut modes that close a stream behind its first event
   * @param unread modes that close a stream without reading it
   */
  private record Sdk(
      String cell,
      Class<?> app,
      String provider,
      List<String> whole,
      List<String> silent,
      List<String> cut,
      List<String> unread) {
    @Override
    public String toString() {
      return cell;
    }
  }

  private static final List<Sdk> SDKS =
      List.of(
          new Sdk(
              "openai-java",
              OpenAiJavaApp.class,
              "openai",
              List.of("sync", "async", "usage-stream"),
              List.of("stream", "async-stream"),
              List.of("cut-stream"),
              List.of("unread-stream")),
          new Sdk(
              "anthropic-java",
              AnthropicJavaApp.class,
              "anthropic",
              List.of("sync", "async", "stream", "async-stream"),
              List.of(),
              List.of("cut-stream"),
              List.of("unread-stream")),
          new Sdk(
              "google-genai",
              GoogleGenAiApp.class,
              "gemini",
              List.of("sync", "async", "stream"),
              List.of(),
              List.of(),
              List.of("unread-stream")),
          new Sdk(
              "langchain4j",
              LangChain4jApp.class,
              "openai",
              List.of("sync", "stream"),
              List.of(),
              List.of(),
              List.of()));

  static Stream<Arguments> cells() {
    return SDKS.stream().flatMap(sdk -> Jdk.cells().mapToObj(jdk -> Arguments.of(sdk, jdk)));
  }

  @BeforeAll
  static void start() {
    upstream = Upstream.start();
    upstream.script("fine", Answer.ok());
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("cells")
  void tokensAreCountedAsTheProviderReportedThem(Sdk sdk, int jdk) {
    upstream.forget();
    List<String> runs =
        Stream.of(sdk.whole(), sdk.silent(), sdk.cut(), sdk.unread())
            .flatMap(List::stream)
            .map(mode -> "fine." + mode)
            .toList();
    try (Forked forked =
        AgentJvm.run(sdk.app())
            .withJdk(jdk)
            .with(sdk.cell())
            .against(upstream, sdk.provider())
            .withProperty("paceline.console.port", "0")
            .withProperty("it.hold", "true")
            .withQuickStart()
            .withArguments(runs)
            .start()) {
      forked.awaitLine("done"::equals);
      ConsolePages console = ConsolePages.of(forked);
      for (String mode : sdk.whole()) {
        assertThat(actual(console, mode, "input")).as(mode).isEqualTo(INPUT);
        assertThat(actual(console, mode, "output")).as(mode).isEqualTo(OUTPUT);
      }
      for (String mode : sdk.silent()) {
        assertThat(actual(console, mode, "input")).as(mode).isZero();
      }
      for (String mode : sdk.cut()) {
        // OpenAI's chat says it at the end, if at all; Anthropic's first event has the prompt.
        double input = sdk.provider().equals("anthropic") ? INPUT : 0;
        assertThat(actual(console, mode, "input")).as(mode).isEqualTo(input);
        assertThat(actual(console, mode, "output")).as(mode).isBetween(input / INPUT, OUTPUT * 1.0);
      }
      for (String mode : sdk.unread()) {
        assertThat(actual(console, mode, "input")).as(mode).isIn(0.0, INPUT * 1.0);
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
      forked.tell("");
      Ended ended = forked.await().exitedWith(0);
      runs.forEach(run -> ended.outcome(run).succeeded());
    }
  }

  private static double actual(ConsolePages console, String mode, String type) {
    return console.metric(
        "paceline_tokens_total",
        "kind=\"actual\"",
        "type=\"" + type + "\"",
        "model=\"fine." + mode + "\"");
  }
}
