package dev.paceline.it;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.anthropicjava.AnthropicJavaApp;
import dev.paceline.it.app.langchain4j.LangChain4jApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import dev.paceline.it.app.openaijava.OpenAiJavaApp;
import java.util.List;
import java.util.stream.Stream;

/** A client and its ways of calling, for bursts against the provider model. */
record Loads(Class<?> app, String cell, String dialect, List<String> modes) {
  static final List<Loads> ALL =
      List.of(
          new Loads(JdkApp.class, "", "openai", List.of("sync", "async", "stream")),
          new Loads(OkHttpApp.class, "okhttp:4.12.0", "openai", List.of("sync", "async", "stream")),
          new Loads(
              OpenAiJavaApp.class,
              "openai-java",
              "openai",
              List.of("sync", "async", "stream", "async-stream")),
          new Loads(LangChain4jApp.class, "langchain4j", "openai", List.of("sync", "stream")),
          new Loads(
              AnthropicJavaApp.class,
              "anthropic-java",
              "anthropic",
              List.of("sync", "async", "stream", "async-stream")));

  /** The clients themselves, without an SDK. */
  static final List<Loads> RAW = ALL.subList(0, 2);

  AgentJvm against(SimProcess sim, int jdk) {
    AgentJvm jvm =
        AgentJvm.run(app)
            .withJdk(jdk)
            .withProperty("it.url", sim.url())
            .withProperty("paceline.hosts", "127.0.0.1:%d=%s".formatted(sim.port(), dialect));
    return cell.isEmpty() ? jvm : jvm.with(cell);
  }

  Stream<String> runs(String scenario) {
    return modes.stream().map(mode -> scenario + "." + mode);
  }

  @Override
  public String toString() {
    return cell.isEmpty() ? "JDK HttpClient" : cell;
  }
}
