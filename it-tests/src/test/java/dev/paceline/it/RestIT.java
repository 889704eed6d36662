package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.it.app.LeavesApp;
import org.junit.jupiter.api.Test;

/** What every fork is asked in the end is asked: one that leaves with a call on the way is told. */
class RestIT {
  @Test
  void aCallThatIsStillOnTheWayIsNoticed() throws Exception {
    try (RawUpstream silent = RawUpstream.start((model, attempt, out) -> out.stall(30_000))) {
      AgentJvm jvm =
          AgentJvm.run(LeavesApp.class)
              .withProperty("it.url", "http://127.0.0.1:" + silent.port())
              .withProperty("paceline.hosts", "127.0.0.1:" + silent.port() + "=openai")
              .withQuickStart();

      assertThatThrownBy(jvm::await).hasMessageContaining("in flight 1");
    }
  }
}
