package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.Clock;
import dev.paceline.limit.Memory;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long DAY_MILLIS = 86_400_000L;

  @TempDir Path dir;

  private final List<String> warnings = new ArrayList<>();
  private final Random random = new Random(1);
  private long millis = 1_800_000_000_000L;
  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return 0;
        }

        @Override
        public long epochMillis() {
          return millis;
        }
      };

  private final Scope scope = new Scope("openai", "host.corp.example", "gpt-4o-secret-model");
  private final Memory memory =
      new Memory(
          List.of(
              new Memory.Line(Limit.RPM, 600, 100, 60 * SECOND, "fixed", 30 * SECOND),
              new Memory.Line(Limit.TPM, 30_000, -12, 60 * SECOND, "continuous", 0)),
          5 * SECOND,
          Limit.RPM,
          8,
          5 * SECOND,
          2.5,
          0.9,
          1.25,
          true,
          SECOND,
          0);

  private Path file() {
    return dir.resolve("state.json");
  }

  /** As a new process would. */
  private StateFile open() {
    return new StateFile(file(), clock, random::nextLong, warnings::add);
  }

  @Test
  void whatWasSavedIsThereAfterARestartWithItsAge() {
    open().save(Map.of(scope, memory));
    millis += 10_000;
    assertThat(open().recall(scope))
        .isEqualTo(new dev.paceline.call.Memories.Recalled(memory, 10 * SECOND));
    assertThat(open().recall(new Scope("openai", "other", "m"))).isNull();
    assertThat(warnings).isEmpty();
  }

  @Test
  void hashesOfCredentialsAgreeAcrossRestarts() {
    assertThat(open().applyAsLong("sk-fake")).isEqualTo(open().applyAsLong("sk-fake"));
  }

  @Test
  void neitherHostNorModelNorKeyIsInItAndOnlyItsOwnerMayReadIt() throws IOException {
    StateFile state = open();
    state.applyAsLong("sk-fake-credential");
    state.save(Map.of(scope, memory));
    assertThat(Files.readString(file())).doesNotContain("corp", "gpt", "openai", "sk-fake");
    for (Path path : List.of(file(), dir.resolve("state.json.key"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .as(path.toString())
          .isEqualTo("rw-------");
    }
    try (var files = Files.list(dir)) {
      assertThat(files).as("nothing half-written stays").hasSize(2);
    }
  }

  @Test
  void scopesThatThisRunDidNotUseStayUntilTheyAreAWeekOld() {
    Scope other = new Scope("anthropic", "o", "m");
    open().save(Map.of(scope, memory));
    millis += 6 * DAY_MILLIS;
    open().save(Map.of(other, memory));
    assertThat(open().recall(scope)).isNotNull();
    millis += 2 * DAY_MILLIS;
    assertThat(open().recall(scope)).isNull();
    assertThat(open().recall(other)).isNotNull();
  }

  @Test
  void whatIsFromTheFutureIsNotBelieved() {
    open().save(Map.of(scope, memory));
    millis -= 2 * 3_600_000;
    assertThat(open().recall(scope)).isNull();
  }

  @Test
  void aBrokenFileCostsOneLineAndIsReplaced() throws IOException {
    open().save(Map.of(scope, memory));
    String whole = Files.readString(file());
    for (String broken :
        List.of(
            "",
            "[]",
            "{\"version\":1}x",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"max\":600", "\"max\":-600"),
            whole.replace("rpm", "nonsense"),
            "{\"version\":1,\"a\":{\"b\":1}}",
            "\0\1\2")) {
      warnings.clear();
      Files.writeString(file(), broken);
      StateFile state = open();
      assertThat(state.recall(scope)).as(broken).isNull();
      assertThat(warnings).as(broken).hasSizeLessThanOrEqualTo(1);
      state.save(Map.of(scope, memory));
      assertThat(open().recall(scope)).as(broken).isNotNull();
    }
    Files.writeString(file(), whole.replace("\"version\":1", "\"version\":2"));
    assertThat(open().recall(scope)).isNull();
  }

  @Test
  void aDirectoryThatCannotBeWrittenCostsOneLineAndNothingElse() {
    StateFile state =
        new StateFile(
            dir.resolve("missing").resolve("state.json"), clock, random::nextLong, warnings::add);
    assertThat(state.recall(scope)).isNull();
    long hash = state.applyAsLong("sk-fake");
    state.save(Map.of(scope, memory));
    state.save(Map.of(scope, memory));
    assertThat(state.applyAsLong("sk-fake")).isEqualTo(hash);
    assertThat(warnings).hasSize(1);
  }

  @Test
  void aLinkInTheWayOfTheKeyIsNotFollowedToMakeAFile() throws IOException {
    Path target = dir.resolve("elsewhere");
    Files.createSymbolicLink(dir.resolve("state.json.key"), target);
    open().save(Map.of(scope, memory));
    assertThat(Files.exists(target)).isFalse();
    assertThat(warnings).hasSize(1);
  }
}
