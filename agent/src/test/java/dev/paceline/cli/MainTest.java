package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Inputs;
import dev.paceline.config.Key;
import dev.paceline.config.Keys;
import dev.paceline.config.ProviderNames;
import dev.paceline.config.RuleKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final Terminal terminal = new Terminal();

  @TempDir Path folder;

  @Test
  void withoutArgumentsHelpIsPrinted() {
    assertThat(terminal.run()).isZero();
    assertThat(terminal.out())
        .contains("-javaagent:paceline-agent.jar")
        .contains("check FILE")
        .contains("status [OPTIONS] [URL]");
  }

  @Test
  void versionSaysTheVersionOfTheBuild() {
    assertThat(terminal.run("--version")).isZero();
    assertThat(terminal.out().trim()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
  }

  @Test
  void aCommandThatDoesNotExistIsAUsageError() {
    assertThat(terminal.run("chekc")).isEqualTo(Command.USAGE);
    assertThat(terminal.err()).contains("chekc");
    assertThat(terminal.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"config", "check", "explain", "status", "demo", "sim", "replay", "version"})
  void everyCommandHasHelp(String command) {
    assertThat(terminal.run(command, "--help")).isZero();
    assertThat(terminal.out()).startsWith("usage: java -jar paceline-agent.jar " + command);
    assertThat(terminal.err()).isEmpty();
    assertThat(terminal.run(command, "-h")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"config", "check", "explain", "status", "demo", "sim", "replay", "version"})
  void optionsThatDoNotExistAreRefused(String command) {
    assertThat(terminal.run(command, "--frobnicate")).isEqualTo(Command.USAGE);
    assertThat(terminal.err()).contains("unknown option --frobnicate").contains("usage: ");
    assertThat(terminal.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "config a b", "status a b"})
  void wrongArgumentsShowTheUsage(String line) {
    assertThat(terminal.run(line.split(" "))).isEqualTo(Command.USAGE);
    assertThat(terminal.err())
        .startsWith("usage: java -jar paceline-agent.jar " + line.split(" ")[0]);
  }

  @Test
  void configPrintsEveryKeyWithDefaultMeaningAndVariable() {
    assertThat(terminal.run("config")).isZero();
    for (Key<?> key : Keys.all()) {
      assertThat(terminal.out())
          .contains(
              key.property()
                  + " = "
                  + (key.defaultText().isEmpty() ? "(not set)" : key.defaultText()))
          .contains(key.meaning())
          .contains(key.type().accepted());
    }
    RuleKeys.all()
        .forEach(
            key -> assertThat(terminal.out()).contains(key.property()).contains(key.meaning()));
    assertThat(terminal.out())
        .contains("PACELINE_MAX_WAIT=30s")
        .contains("PACELINE_RULE_<ID>_MODEL=gpt-4o*");
    assertThat(terminal.out()).doesNotContain("PACELINE_FORCE");
  }

  @Test
  void configWithAFilePrintsEffectiveValuesAndTheirSources() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a b.properties"),
            "max-wait=5s\nrule.a.model=gpt*\nmax-attempts=2\nmax-wiat=1\n");
    Inputs process =
        new Inputs(
            Map.of("paceline.config.file", "/else", "paceline.mode", "observe"),
            "",
            Map.of("PACELINE_MAX_ATTEMPTS", "3"));
    CommandLine commandLine = Main.commandLine(() -> process, ProviderNames.ANY);

    assertThat(commandLine.run(new String[] {"config", file.toString()}, terminal.console("")))
        .isZero();
    assertThat(terminal.lines())
        .anyMatch(line -> line.matches("paceline.max-wait +5s +file"))
        .anyMatch(line -> line.matches("paceline.max-attempts +3 +environment variable"))
        .anyMatch(line -> line.matches("paceline.mode +observe +system property"))
        .anyMatch(line -> line.matches("paceline.rule.a.model +gpt\\* +file"))
        .anyMatch(line -> line.matches("paceline.hosts +- +built-in"))
        .noneMatch(line -> line.contains("config.file"));
    assertThat(terminal.err()).contains("did you mean paceline.max-wait?");
  }

  @Test
  void aGoodFileChecksGood() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("good"), "paceline.max-wait=5s\npaceline.rule.a.provider=openai\n");

    assertThat(terminal.run("check", file.toString())).isZero();
    assertThat(terminal.lines()).containsExactly(file + ": good");
  }

  @Test
  void checkNamesEveryErrorAndFails() throws IOException {
    Path file =
        Files.writeString(folder.resolve("bad"), "paceline.max-wait=5\npaceline.max-wiat=5s\n");

    assertThat(terminal.run("check", file.toString())).isEqualTo(Command.FAILED);
    assertThat(terminal.lines()).hasSize(3).last().isEqualTo(file + ": 2 errors");
  }

  @Test
  void aNoteIsNoError() throws IOException {
    Path file = Files.writeString(folder.resolve("note"), "paceline.max-wait=5m\n");

    assertThat(terminal.run("--check", file.toString())).isZero();
    assertThat(terminal.lines()).hasSize(2).first().asString().startsWith("note: ");
  }

  @Test
  void aMissingFileFails() {
    assertThat(terminal.run("check", folder.resolve("none").toString())).isEqualTo(Command.FAILED);
    assertThat(terminal.out()).contains("cannot read the configuration file");
  }

  @Test
  void unknownProvidersFailTheCheckWhenProvidersAreKnown() throws IOException {
    Path file = Files.writeString(folder.resolve("hosts"), "paceline.hosts=llm.corp=opnai\n");
    CommandLine commandLine =
        Main.commandLine(
            () -> Inputs.NONE, name -> java.util.Optional.of(name).filter("openai"::equals));

    assertThat(commandLine.run(new String[] {"check", file.toString()}, terminal.console("")))
        .isEqualTo(Command.FAILED);
    assertThat(terminal.out()).contains("no such provider");
  }

  @Test
  void explainAsksTheClassifierAndTheRules() {
    CommandLine commandLine = Main.commandLine(() -> Inputs.NONE, ProviderNames.ANY);
    int status =
        commandLine.run(
            new String[] {"explain"},
            terminal.console("{\"status\":429,\"headers\":{\"retry-after\":\"2\"}}"));

    assertThat(status).isZero();
    assertThat(terminal.out())
        .startsWith(
            "{\"limit\":\"unknown\",\"retryable\":true,\"wait_ms\":2000,\"action\":\"retry\",\"action_wait_ms\":2000,\"action_why\":\"the"
                + " answer says how long to wait\",\"why\":\"");
  }

  @Test
  void demoIsHandedItsOptions() {
    assertThat(terminal.run("demo", "--help")).isZero();
    assertThat(terminal.out()).contains("--calls");
  }
}
