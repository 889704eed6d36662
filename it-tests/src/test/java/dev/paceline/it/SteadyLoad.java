package dev.paceline.it;

import dev.paceline.it.app.SteadyApp;
import java.util.ArrayList;
import java.util.List;

/** A program with two providers, one that shows its limits and one that does not, to look at. */
final class SteadyLoad {
  private SteadyLoad() {}

  /**
   * @param serviceMillis what an answer takes
   */
  static SimProcess provider(int serviceMillis, String... limits) {
    List<String> options =
        new ArrayList<>(List.of("--dialect", "openai", "--service", "" + serviceMillis));
    options.addAll(List.of(limits));
    return SimProcess.start(options.toArray(new String[0]));
  }

  static AgentJvm app(SimProcess openAi, SimProcess silent) {
    return AgentJvm.run(SteadyApp.class)
        .withQuickStart()
        .withProperty("paceline.console.port", "0")
        .withProperty("paceline.metrics.tags", "service=checkout")
        .withProperty(
            "paceline.hosts",
            "127.0.0.1:%d=openai,127.0.0.1:%d=openai".formatted(openAi.port(), silent.port()));
  }
}
