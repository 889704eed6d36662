package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.ConfigReader;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Settings;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BannerTest {
  @Test
  void sayAllThatANewcomerAsks() {
    assertThat(banner(Map.of("paceline.mode", "observe")).lazy())
        .isEqualTo(
            "attached, 1.2.3, mode observe, configuration from system property, no configuration"
                + " problems, the first call to an LLM opens the console at"
                + " http://127.0.0.1:19429/");
  }

  @Test
  void countsProblems() {
    assertThat(banner(Map.of("paceline.max-wait", "soon")).lazy())
        .contains(", 1 configuration problem, ");
    assertThat(banner(Map.of("paceline.max-wait", "soon", "paceline.nonsense", "1")).lazy())
        .contains(", 2 configuration problems, ");
  }

  @Test
  void tellsWhereTheConsoleIsWhenThereIsOne() {
    URI address = URI.create("http://127.0.0.1:5000/");
    assertThat(banner(Map.of()).early(Optional.of(address)))
        .startsWith("attached, 1.2.3, mode enforce, configuration from built-in values, ")
        .endsWith("no configuration problems, console http://127.0.0.1:5000/");
    assertThat(banner(Map.of()).early(Optional.empty())).endsWith(", no console");
    assertThat(banner(Map.of("paceline.console.port", "off")).lazy()).endsWith(", no console");
    assertThat(banner(Map.of("paceline.console.port", "0")).lazy())
        .endsWith(", the first call to an LLM opens the console");
    assertThat(banner(Map.of("paceline.enabled", "false")).lazy()).endsWith(", switched off");
  }

  private static Banner banner(Map<String, String> properties) {
    Settings settings = ConfigReader.read(new Inputs(properties, "", Map.of()), new DiskFiles());
    return new Banner(settings, "1.2.3");
  }
}
