package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.ConfigWatcher.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatcherTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<String> lines = new ArrayList<>();
  private final List<Settings> changes = new ArrayList<>();

  private ConfigWatcher watch(Given given) {
    return new ConfigWatcher(
        given.inputs(), given.files(), ProviderNames.ANY, changes::add, lines::add);
  }

  /** Two polls: what the first one that did something came to. */
  private static Outcome look(ConfigWatcher watcher) {
    Outcome first = watcher.poll();
    return first == Outcome.UNCHANGED ? watcher.poll() : first;
  }

  @Test
  void aChangedFileIsTakenOverAndTheDifferenceSaid() {
    Given given = Given.nothing().file("max-wait=5s\nrule.a.model=gpt*\nrule.a.max-attempts=2\n");
    ConfigWatcher watcher = watch(given);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);

    given.files().write("/f", "max-wait=7s\nmode=observe\nrule.b.model=o3\n");

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    assertThat(changes).containsExactly(watcher.current());
    assertThat(watcher.current().get(Keys.MAX_WAIT)).isEqualTo(7 * SECOND);
    assertThat(watcher.current().policyFor("openai", "gpt-4o", "h").ruleId()).isEmpty();
    assertThat(watcher.current().policyFor("openai", "o3", "h").ruleId()).isEqualTo("b");
    assertThat(lines)
        .containsExactly(
            "changed: paceline.max-wait 5s -> 7s (file)",
            "changed: paceline.mode enforce -> observe (file)",
            "changed: paceline.rule.a.max-attempts 2 -> (none)",
            "changed: paceline.rule.a.model gpt* -> (none)",
            "changed: paceline.rule.b.model (none) -> o3 (file)");
  }

  @Test
  void theSameValueSpelledOtherwiseIsNoChange() {
    Given given = Given.nothing().file("max-wait=60s\n");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "# a comment\nmax-wait=1m\n");

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(lines).isEmpty();
    assertThat(changes).isEmpty();
  }

  @Test
  void theKillSwitchWorksInBothDirections() {
    Given given = Given.nothing().file("");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "enabled=false");
    look(watcher);
    assertThat(watcher.current().enabled()).isFalse();
    assertThat(watcher.current().policyFor("openai", "m", "h").enabled()).isFalse();

    given.files().write("/f", "enabled=true");
    look(watcher);
    assertThat(watcher.current().enabled()).isTrue();
  }

  @Test
  void aFileWithABadValueIsRefusedAsAWholeAndSaidOnce() {
    Given given = Given.nothing().file("max-wait=5s");
    ConfigWatcher watcher = watch(given);
    Settings good = watcher.current();
    given.files().write("/f", "max-attempts=3\nmax-wait=never");

    assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    assertThat(watcher.current()).isSameAs(good);
    assertThat(changes).isEmpty();
    assertThat(lines)
        .hasSize(2)
        .last()
        .isEqualTo("the changed configuration file is refused; the settings in force stay");

    given.files().write("/f", "max-attempts=3\nmax-wait=6s");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(3);
  }

  @Test
  void aBadValueOfAnotherSourceDoesNotRefuseAGoodFile() {
    Given given = Given.nothing().file("max-wait=5s").system("max-attempts", "many");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "max-wait=6s");

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(lines).containsExactly("changed: paceline.max-wait 5s -> 6s (file)");
  }

  @Test
  void anUnknownKeyInAChangedFileWarnsOnceOrRefusesWhenStrict() {
    Given lenient = Given.nothing().file("");
    ConfigWatcher watcher = watch(lenient);
    lenient.files().write("/f", "max-wiat=1s\nmode=enforce");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    lenient.files().write("/f", "max-wiat=2s\nmode=enforce");
    look(watcher);
    assertThat(lines)
        .containsExactly("file: unknown key max-wiat; did you mean paceline.max-wait?");

    Given strict = Given.nothing().file("").system("config.strict", "true");
    ConfigWatcher strictWatcher = watch(strict);
    strict.files().write("/f", "max-wiat=1s");
    assertThat(look(strictWatcher)).isEqualTo(Outcome.REFUSED);
    assertThat(strictWatcher.current().enabled()).isTrue();
  }

  @Test
  void aCorrectedFileSwitchesAStrictAgentOnAgain() {
    Given given = Given.nothing().file("max-wiat=1s").system("config.strict", "true");
    ConfigWatcher watcher = watch(given);
    assertThat(watcher.current().enabled()).isFalse();

    given.files().write("/f", "");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().enabled()).isTrue();
    assertThat(changes).hasSize(1);
  }

  @Test
  void aPinnedKeyIsNamedOnce() {
    Given given = Given.nothing().file("max-wait=5s").environment("PACELINE_MAX_WAIT", "9s");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "max-wait=6s");
    look(watcher);
    given.files().write("/f", "max-wait=7s");
    look(watcher);

    assertThat(lines)
        .containsExactly(
            "paceline.max-wait in the file has no effect: it is pinned by environment variable"
                + " PACELINE_MAX_WAIT (9s)");
    assertThat(watcher.current().get(Keys.MAX_WAIT)).isEqualTo(9 * SECOND);
    assertThat(changes).isEmpty();
  }

  @Test
  void aKeyThatIsNotDynamicWaitsForTheNextStart() {
    Given given = Given.nothing().file("console.port=1");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "console.port=2");
    look(watcher);

    assertThat(watcher.current().consolePort()).hasValue(1);
    assertThat(lines)
        .containsExactly(
            "paceline.console.port in the file has changed: that takes effect at the next start");
  }

  @Test
  void aFileThatVanishesChangesNothingAndOneThatReturnsIsRead() {
    Given given = Given.nothing().file("max-attempts=3");
    ConfigWatcher watcher = watch(given);
    given.files().delete("/f");
    assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(3);
    assertThat(lines).hasSize(1);

    given.files().write("/f", "max-attempts=4");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(4);
  }

  @Test
  void aFileThatAppearsAfterTheStartIsRead() {
    Given given = Given.nothing().system("config.file", "/f");
    ConfigWatcher watcher = watch(given);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    given.files().write("/f", "max-attempts=4");

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aFileWithoutPermissionIsTriedAgainButSaidOnce() {
    Given given = Given.nothing().file("max-attempts=3");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "max-attempts=4");
    given.files().forbid("/f");
    assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    assertThat(lines).hasSize(1);

    given.files().allow("/f");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(4);
  }

  @Test
  void aFileWithoutPermissionAtTheStartIsReadWhenItMayBe() {
    Given given = Given.nothing().file("max-attempts=4");
    given.files().forbid("/f");
    ConfigWatcher watcher = watch(given);
    given.files().allow("/f");

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aFileThatIsBeingWrittenIsLeftForTheNextPoll() {
    Given given = Given.nothing().file("max-attempts=3");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "max-attempts=1");
    given.files().duringNextRead(() -> given.files().write("/f", "max-attempts=10\nmode=observe"));

    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(3);
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(10);
  }

  /** An editor that writes in place, or a copy over a slow network. */
  @Test
  void aFileThatGrowsFromPollToPollIsTakenOverWhenItIsWhole() {
    Given given = Given.nothing().file("max-wait=9s");
    ConfigWatcher watcher = watch(given);
    for (String half : List.of("max-wait=1", "max-wait=14", "max-wait=148", "max-wait=148s")) {
      given.files().write("/f", half);
      assertThat(watcher.poll()).as(half).isEqualTo(Outcome.UNCHANGED);
    }
    assertThat(lines).isEmpty();
    assertThat(watcher.poll()).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_WAIT)).isEqualTo(148 * SECOND);
  }

  @Test
  void aFileThatIsGoneForOnePollOnlyIsNotGone() {
    Given given = Given.nothing().file("max-attempts=3");
    ConfigWatcher watcher = watch(given);
    given.files().delete("/f");
    assertThat(watcher.poll()).isEqualTo(Outcome.UNCHANGED);
    given.files().write("/f", "max-attempts=4");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(lines).containsExactly("changed: paceline.max-attempts 3 -> 4 (file)");
  }

  @Test
  void aFileThatBecameEmptyKeepsTheSettingsAndCommentsDoNot() {
    Given given = Given.nothing().file("enabled=false");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", " \n");
    assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
    assertThat(watcher.current().enabled()).isFalse();
    assertThat(lines)
        .containsExactly("the configuration file is empty; the settings in force stay");

    given.files().write("/f", "# enabled=false");
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().enabled()).isTrue();
  }

  @Test
  void aFileOfUnknownKeysOnlyIsRefused() {
    Given given = Given.nothing().file("enabled=false");
    ConfigWatcher watcher = watch(given);
    given.files().write("/f", "\u00d8x7 = y\nserver.port=1\n");
    assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
    assertThat(watcher.current().enabled()).isFalse();
    assertThat(lines).anyMatch(line -> line.contains("no key of Paceline's"));
  }

  @Test
  void bytesThatAreNoTextAreRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("p.properties");
    Files.writeString(file, "# gr\u00fc\u00dfe\nenabled=false\n");
    Inputs inputs = new Inputs(Map.of("paceline.config.file", file.toString()), "", Map.of());
    ConfigWatcher watcher =
        new ConfigWatcher(inputs, new DiskFiles(), ProviderNames.ANY, changes::add, lines::add);
    for (byte[] garbage :
        List.of(
            "enabled=true\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            "enabled=true".getBytes(java.nio.charset.StandardCharsets.UTF_16LE),
            "enabled=true\nx=\u00fc".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1))) {
      Files.write(file, garbage);
      assertThat(look(watcher)).isEqualTo(Outcome.REFUSED);
      assertThat(watcher.current().enabled()).isFalse();
    }
    Files.write(
        file,
        "# gr\u00fc\u00dfe\nenabled=true".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    assertThat(look(watcher)).as("only a comment is not UTF-8").isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().enabled()).isTrue();
  }

  @Test
  void manyProblemsAreCountedInsteadOfSaid() {
    Given given = Given.nothing().file("enabled=false");
    ConfigWatcher watcher = watch(given);
    StringBuilder many = new StringBuilder("enabled=true\n");
    for (int i = 0; i < 5_000; i++) {
      many.append("kee").append(i).append("=v\n");
    }
    given.files().write("/f", many.toString());
    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(lines).hasSize(22).contains("and 4980 more problems in the configuration");
  }

  @Test
  void withoutAFileThereIsNothingToFollow() {
    ConfigWatcher watcher = watch(Given.nothing());

    assertThat(watcher.followsFile()).isFalse();
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);
  }

  /**
   * Kubernetes: file -> ..data/file, ..data -> ..v1; an update turns ..data to ..v2 by renaming a
   * link over it.
   */
  @Test
  void aConfigMapIsNoticedByItsLinkEvenWhenSizeAndTimeAreTheSame(@TempDir Path volume)
      throws IOException {
    FileTime time = FileTime.fromMillis(1_700_000_000_000L);
    version(volume, "..v1", "max-attempts=3", time);
    version(volume, "..v2", "max-attempts=4", time);
    Files.createSymbolicLink(volume.resolve("..data"), Path.of("..v1"));
    Path file =
        Files.createSymbolicLink(
            volume.resolve("paceline.properties"), Path.of("..data/paceline.properties"));
    Inputs inputs = new Inputs(Map.of("paceline.config.file", file.toString()), "", Map.of());
    ConfigWatcher watcher =
        new ConfigWatcher(inputs, new DiskFiles(), ProviderNames.ANY, changes::add, lines::add);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(3);
    assertThat(look(watcher)).isEqualTo(Outcome.UNCHANGED);

    Path turned = Files.createSymbolicLink(volume.resolve("..data_tmp"), Path.of("..v2"));
    Files.move(
        turned,
        volume.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);

    assertThat(look(watcher)).isEqualTo(Outcome.APPLIED);
    assertThat(watcher.current().get(Keys.MAX_ATTEMPTS)).isEqualTo(4);
  }

  private static void version(Path volume, String name, String content, FileTime time)
      throws IOException {
    Path file = Files.createDirectory(volume.resolve(name)).resolve("paceline.properties");
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, time);
  }

  @Test
  void aFileThatIsNoConfigurationIsNotRead(@TempDir Path folder) throws IOException {
    Path large = folder.resolve("large.properties");
    Files.write(large, new byte[(1 << 20) + 1]);
    DiskFiles files = new DiskFiles();

    for (String path :
        List.of(large.toString(), folder.toString(), folder.resolve("none").toString(), "a\0b")) {
      assertThat(
              ConfigReader.read(
                      new Inputs(Map.of("paceline.config.file", path), "", Map.of()), files)
                  .problems())
          .extracting(Problem::kind)
          .containsExactly(Problem.Kind.FILE);
    }
    assertThat(files.fingerprint("a\0b")).isEqualTo(FileStamp.ABSENT);
  }
}
