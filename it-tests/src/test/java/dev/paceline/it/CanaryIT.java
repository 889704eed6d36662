package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.CanaryApp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, prompts and answers appear nowhere but in the application. */
class CanaryIT {
  private static final String KEY = "sk-canaryKEYq4711x";
  private static final String PROMPT = "canaryPROMPTq4711x";
  private static final String ANSWER = "canaryANSWERq4711x";
  private static final List<String> SCENARIOS =
      List.of("fine", "limited", "refused", "quota", "broken", "cut");

  @Test
  void nothingSecretLeaves(@TempDir Path folder) throws IOException {
    look(folder, AgentJvm.JAR, "");
  }

  /** An exception of ours can quote what it was about. */
  @Test
  void nothingSecretLeavesWithAFault(@TempDir Path folder, @TempDir Path build) throws IOException {
    Path jar = FaultyJar.build(build);
    for (String component : List.of("classifier", "request")) {
      look(Files.createDirectory(folder.resolve(component)), jar, component);
    }
  }

  private static void look(Path folder, Path jar, String component) throws IOException {
    try (Upstream upstream = Upstream.start()) {
      String error =
          "{\"error\":{\"message\":\"Limit 3, used 3: %s by %s. Please try again in 20ms.\","
                  .formatted(PROMPT, KEY)
              + "\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\",\"param\":\""
              + PROMPT
              + "\"}}";
      String success =
          "{\"choices\":[{\"message\":{\"content\":\"" + ANSWER + "\"}}],\"model\":\"m\"}";
      Answer fine = Answer.ok().saying(success).header("x-request-id", ANSWER);
      upstream
          .script("fine", fine)
          .script("limited", Answer.status(429).saying(error).header("x-echo", PROMPT), fine)
          .script("refused", Answer.status(400).saying(error))
          .script("quota", Answer.status(429).saying(error.replace("rate_limit_exceeded", "quota")))
          .script("broken", Answer.status(500).saying(ANSWER), Answer.status(500).saying(error))
          .script("cut", Answer.connectionReset());
      AgentJvm jvm =
          AgentJvm.run(CanaryApp.class)
              .with("okhttp:4.12.0")
              .withAgents(jar.toString())
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.console.port", "0")
              .withProperty("java.io.tmpdir", folder.toString())
              .withOptions("-XX:-UsePerfData")
              .withQuickStart()
              .in(folder)
              .withArguments(KEY, PROMPT)
              .withArguments(SCENARIOS);
      if (!component.isEmpty()) {
        jvm.withProperty("paceline.test.fault", component + ":RuntimeException:3")
            .withProperty("paceline.test.fault.message", KEY + " " + PROMPT + " " + ANSWER);
      }
      try (Forked forked = jvm.start()) {
        forked.awaitLine("done"::equals);
        ConsolePages console = ConsolePages.of(forked);
        StringBuilder shown = new StringBuilder();
        for (String page : List.of("/", "/metrics", "/api/state.json")) {
          shown.append(console.get(page));
        }
        assertThat(console.metric("paceline_rate_limited_total")).isPositive();
        assertThat(console.metric("paceline_agent_errors_total"))
            .isEqualTo(component.isEmpty() ? 0.0 : 1.0);
        forked.tell("");
        Ended ended = forked.await().exitedWith(0);
        for (String scenario : SCENARIOS) {
          ended.outcome(scenario + ".jdk").succeeded();
          ended.outcome(scenario + ".okhttp").succeeded();
        }
        shown.append(ended.everything());
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            shown
                .append(file)
                .append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
          }
        }
        assertThat(shown)
            .doesNotContainIgnoringCase(KEY)
            .doesNotContainIgnoringCase(PROMPT)
            .doesNotContainIgnoringCase(ANSWER)
            .doesNotContainIgnoringCase("canary" + "KEY")
            // Digits alone are in one of thousands of figures now and then.
            .doesNotContainIgnoringCase("q4711x");
      }
    }
  }
}
