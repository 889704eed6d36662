package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.suites.SuitesApp;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Test suites that clients publish as test jars: each test ends with the agent as without it, its
 * server unknown to the agent and taken for an LLM's. OkHttp's, Spring's and the JDK's own tests
 * are published nowhere: what they ask is written anew in {@code src/programs}.
 */
class PublishedSuitesIT {
  private static Map<String, String> ends(AgentJvm jvm) throws IOException {
    Ended ended =
        jvm.with("suites")
            .withQuickStart()
            .withProperty("it.port", String.valueOf(Ports.free()))
            .await()
            .exitedWith(0);
    assertThat(ended.everything()).doesNotContain("internal fault");
    Map<String, String> ends = new TreeMap<>();
    ended
        .outcomes()
        .forEach(outcome -> ends.put(outcome.run(), outcome.ok() + " " + outcome.error()));
    return ends;
  }

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void eachTestEndsAsWithoutTheAgent(int jdk) throws IOException {
    Map<String, String> without = ends(AgentJvm.run(SuitesApp.class).withJdk(jdk).withoutAgent());
    // Nearly all: one more may need what only the real provider has.
    assertThat(without.values().stream().filter("true "::equals))
        .as("%s", without)
        .hasSizeGreaterThan(9);
    assertThat(ends(AgentJvm.run(SuitesApp.class).withJdk(jdk))).isEqualTo(without);
    AgentJvm recognised =
        AgentJvm.run(SuitesApp.class)
            .withJdk(jdk)
            .withShortWaits()
            .withProperty("paceline.hosts", "127.0.0.1=openai,localhost=openai");
    assertThat(ends(recognised)).isEqualTo(without);
  }
}
