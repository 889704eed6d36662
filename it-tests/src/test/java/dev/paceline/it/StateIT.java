package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.SerialApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives a process, and what a person has typed, in JVMs that run. */
class StateIT {
  @TempDir Path folder;

  private Ended run(Upstream upstream, String... runs) {
    return AgentJvm.run(SerialApp.class)
        .against(upstream)
        .withProperty("paceline.state.file", folder.resolve("state.json").toString())
        .withProperty("paceline.rule.day.model", "fine*")
        .withProperty("paceline.rule.day.rpd", "2")
        .withProperty("paceline.max-wait", "1s")
        .withQuickStart()
        .withArguments(runs)
        .await()
        .exitedWith(0);
  }

  @Test
  void theUseOfATypedDayOutlivesTheProcess() throws IOException {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());
      run(upstream, "fine.a", "fine.a");
      upstream.saw(2, "fine.a");

      List<Path> files = List.of(folder.resolve("state.json"), folder.resolve("state.json.key"));
      for (Path file : files) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain("fine", "127.0.0.1", "sk-");
      }

      assertThat(run(upstream, "fine.a").outcome("fine.a").failed().message())
          .startsWith("429")
          .contains("RPD", "Answered by Paceline");
      upstream.saw(2, "fine.a");
      Files.delete(files.get(0));
      run(upstream, "fine.a").outcome("fine.a").succeeded();
      upstream.saw(3, "fine.a");
    }
  }
}
