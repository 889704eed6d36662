package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.Clock;
import dev.paceline.limit.LimiterSnapshot;
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
  private final LimiterSnapshot memory =
      new LimiterSnapshot(
          List.of(
              new LimiterSnapshot.Line(Limit.RPM, 600, 100, 60 * SECOND, "fixed", 30 * SECOND),
              new LimiterSnapshot.Line(Limit.TPM, 30_000, -12, 60 * SECOND, "continuous", 0)),
          5 * SECOND,
          Limit.RPM,
          8,
          5 * SECOND,
          2.5,
          0.9,
          1.25,
          SECOND,
          0);

  private Path file() {
    return dir.resolve("state.json");
  }

  /** As a new process would. */
  private StateFile open() {
    return new StateFile(file(), clock, random::nextLong, warnings::add, Runnable::run);
  }

  @Test
  void whatWasSavedIsThereAfterARestartWithItsAge() {
    open().save(Map.of(scope, memory));
    millis += 10_000;
    assertThat(open().recall(scope))
        .isEqualTo(new dev.paceline.call.SnapshotStore.Recalled(memory, 10 * SECOND));
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
            dir.resolve("missing").resolve("state.json"),
            clock,
            random::nextLong,
            warnings::add,
            Runnable::run);
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

  /** A named pipe would block whoever opens it until somebody writes. */
  @Test
  void aFifoInPlaceOfTheKeyOrTheFileIsNeverOpened() throws Exception {
    for (String name : List.of("state.json.key", "state.json")) {
      Files.deleteIfExists(dir.resolve("state.json.key"));
      Files.deleteIfExists(file());
      fifo(dir.resolve(name));
      warnings.clear();

      StateFile state = open();

      assertThat(state.applyAsLong("sk-fake")).isEqualTo(state.applyAsLong("sk-fake"));
      state.save(Map.of(scope, memory));
      assertThat(warnings).as(name).hasSize(1);
      assertThat(warnings.get(0)).contains("not a regular file");
      assertThat(Files.isRegularFile(dir.resolve(name))).as(name + " is replaced").isFalse();
    }
  }

  private static void fifo(Path path) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
  }

  /** A network file system that hangs: one bounded wait, then a random key. */
  @Test
  void aDiskThatDoesNotAnswerHoldsNoCallForLong() {
    StateFile state = new StateFile(file(), clock, random::nextLong, warnings::add, task -> {});

    Thread.currentThread().interrupt();
    long hash = state.applyAsLong("sk-fake");

    assertThat(Thread.interrupted()).as("the caller's interrupt is kept").isTrue();
    assertThat(state.applyAsLong("sk-fake")).isEqualTo(hash);
    assertThat(state.recall(scope)).isNull();
    state.save(Map.of(scope, memory));
    assertThat(warnings).hasSize(1);
    assertThat(dir.toFile().list()).isEmpty();
  }

  @Test
  void aKeyThatOthersCouldKnowIsNotUsed() throws IOException {
    Path key = dir.resolve("state.json.key");
    Files.writeString(key, "00000000000000000000000000000001\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    StateFile readable = open();
    assertThat(readable.applyAsLong("sk-fake"))
        .isNotEqualTo(new KeyedHash(0, 1).applyAsLong("sk-fake"));
    assertThat(warnings.get(0)).contains("others than its owner", "chmod 600");

    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    assertThat(open().applyAsLong("sk-fake")).isEqualTo(new KeyedHash(0, 1).applyAsLong("sk-fake"));
  }

  @Test
  void aKeyOfAnotherUserIsNotUsed() throws IOException {
    open().save(Map.of(scope, memory));
    Path others = Path.of("/nonexistent-user-file");
    StateFile state =
        new StateFile(
            file(), others, clock, random::nextLong, warnings::add, Runnable::run); // name look-up
    assertThat(state.recall(scope)).as("without /proc the user's name says who we are").isNotNull();
  }

  @Test
  void aLinkOutOfTheFolderIsNeitherReadNorReplaced() throws IOException {
    Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
    Path victim = elsewhere.resolve("victim");
    Files.writeString(victim, "of somebody else");
    Files.createSymbolicLink(file(), victim);

    open().save(Map.of(scope, memory));

    assertThat(Files.isSymbolicLink(file())).isTrue();
    assertThat(Files.readString(victim)).isEqualTo("of somebody else");
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("link out of its folder");
  }

  @Test
  void aLinkWithinTheFolderIsFollowed() throws IOException {
    Files.createSymbolicLink(file(), dir.resolve("real.json"));
    Files.writeString(dir.resolve("real.json"), "{}");
    Files.setPosixFilePermissions(
        dir.resolve("real.json"), PosixFilePermissions.fromString("rw-------"));

    open().save(Map.of(scope, memory));

    assertThat(Files.isSymbolicLink(file())).isTrue();
    assertThat(open().recall(scope)).isNotNull();
  }

  /** As a full disk, or a process that was killed, leaves it. */
  @Test
  void aHalfWrittenKeyIsMadeAnew() throws IOException {
    for (String half : List.of("", "0123", "not a key at all, but of ours")) {
      open().applyAsLong("sk-fake");
      Files.writeString(dir.resolve("state.json.key"), half);
      warnings.clear();

      open().save(Map.of(scope, memory));

      assertThat(open().recall(scope)).as(half).isNotNull();
      assertThat(warnings).as(half).isEmpty();
    }
  }

  @Test
  void twoProcessesAtTheirFirstStartAgreeOnOneKey() throws Exception {
    for (int round = 0; round < 50; round++) {
      Files.deleteIfExists(dir.resolve("state.json.key"));
      StateFile one = open();
      StateFile two = open();
      var start = new java.util.concurrent.CyclicBarrier(2);
      var other =
          java.util.concurrent.CompletableFuture.supplyAsync(
              () -> {
                meet(start);
                return two.applyAsLong("sk-fake");
              });
      meet(start);
      assertThat(one.applyAsLong("sk-fake")).isEqualTo(other.get());
    }
    assertThat(warnings).isEmpty();
  }

  private static void meet(java.util.concurrent.CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void oneImpossibleScopeLosesNoOther() throws IOException {
    Scope other = new Scope("anthropic", "o", "m");
    open().save(Map.of(scope, memory));
    open()
        .save(
            Map.of(other, new LimiterSnapshot(List.of(), SECOND, Limit.RPM, 0, 0, 0, 0, 0, 0, 0)));
    Files.writeString(file(), Files.readString(file()).replace("\"max\":600", "\"max\":-600"));
    assertThat(open().recall(scope)).isNull();
    assertThat(open().recall(other)).isNotNull();
  }
}
