package dev.paceline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What pacing promises, counted in virtual time; the report is what the code does. */
class SimulationTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static List<Study.Row> rows = List.of();

  @BeforeAll
  static void runAll() {
    rows = Study.run();
  }

  private static Study.Row row(String name) {
    return rows.stream()
        .filter(row -> row.scenario().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no scenario " + name));
  }

  /** Of five seeds: with eight processes one seed is a draw. */
  private static double mean(String name, ToDoubleFunction<Outcome> figure) {
    return LongStream.rangeClosed(1, 5)
        .parallel()
        .mapToObj(seed -> Strategy.PACELINE.run(row(name).scenario(), seed))
        .mapToDouble(figure)
        .average()
        .orElseThrow();
  }

  private static Outcome paceline(String name) {
    return row(name).of(Strategy.PACELINE);
  }

  /**
   * The page documents one seed, and is written anew freely; what may not get worse are the bands
   * ({@link BandsTest}).
   */
  @Test
  void theCommittedReportShowsEveryScenario() throws IOException {
    if (Boolean.getBoolean("paceline.simulation.update")) {
      for (Map.Entry<String, String> file : Report.files(rows).entrySet()) {
        Path path = DOCS.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
    }
    String page = Files.readString(DOCS.resolve("simulation.md"));
    for (Study.Row row : rows) {
      assertThat(page).contains("| " + row.scenario().name() + " |");
    }
  }

  @Test
  void aBurstIntoANearlyEmptyBucketMeetsNo429() {
    for (String name : List.of("burst300/750rpm-tenth", "burst300/cont", "burst12/rpm5")) {
      assertThat(paceline(name).failed()).as(name).isZero();
      assertThat(paceline(name).rejections()).as(name).isLessThanOrEqualTo(3);
    }
    assertThat(row("burst300/750rpm-tenth").makespan(Strategy.PACELINE)).isLessThan(1.05);
    Study.Row tokens =
        Study.means(
            row("burst200/1MTPM-tenth").scenario(),
            List.of(Strategy.ORACLE, Strategy.PACELINE),
            20);
    assertThat(tokens.of(Strategy.PACELINE).failed()).isZero();
    assertThat(tokens.of(Strategy.PACELINE).rejections()).isLessThanOrEqualTo(3);
    assertThat(tokens.makespan(Strategy.PACELINE)).isLessThan(1.05);
    assertThat(paceline("burst300/750rpm-tenth/answers20s").failed()).isZero();
    assertThat(paceline("burst300/750rpm-tenth/answers20s").perSuccess()).isLessThan(0.15);
  }

  @Test
  void aBurstThatFitsIsAtMostTwoSecondsLater() {
    assertThat(paceline("burst300/5000rpm").p99()).isLessThan(2);
    assertThat(paceline("burst300/unlimited/answers20s").p99()).isLessThan(2);
  }

  @Test
  void aSmallBucketThatNoHeaderShowsIsFoundWithinSeconds() {
    assertThat(paceline("burst30/noHdr/burst6").failed()).isZero();
    assertThat(paceline("burst30/noHdr/burst6").makespan()).isLessThan(15);
  }

  @Test
  void headersThatTellTheTruthCostNoGoodput() {
    for (Study.Row row : rows) {
      if (row.scenario().truthful() && !row.scenario().burst()) {
        assertThat(row.goodput(Strategy.PACELINE)).as(row.scenario().name()).isGreaterThan(0.98);
        assertThat(row.of(Strategy.PACELINE).perSuccess())
            .as(row.scenario().name())
            .isLessThan(0.003); // one seed; its mean is held by the bands
      }
    }
  }

  @Test
  void tokensOfManySizesUseTheLimitAndMeetNextToNo429() {
    for (String name :
        List.of("heavyTPM/cont", "heavyTPM/plain", "heavyTPM/fixed", "heavyTPM/roll")) {
      assertThat(row(name).goodput(Strategy.PACELINE)).as(name).isGreaterThan(0.95);
      assertThat(paceline(name).perSuccess()).as(name).isLessThan(0.01);
      // Nobody is sent away whose turn would have come in time.
      assertThat(row(name).failedBeyondOracle(Strategy.PACELINE)).as(name).isLessThanOrEqualTo(2);
      // Setting aside max_tokens wastes the limit, setting nothing aside runs into it.
      assertThat(row(name).goodput(Strategy.MAX_TOKENS)).as(name).isLessThan(0.8);
      assertThat(row(name).of(Strategy.AFTERWARDS).perSuccess())
          .as(name)
          .isGreaterThan(paceline(name).perSuccess());
    }
    assertThat(paceline("heavy/est60%").perSuccess()).isLessThan(0.05);
  }

  /** 429s a success and goodput that a prototype of these rules reached, means of 20 seeds. */
  private static final Map<String, double[]> PROTOTYPE =
      Map.ofEntries(
          Map.entry("over/fixed", new double[] {0, 1}),
          Map.entry("over/rolling", new double[] {0.0006, 0.979}),
          Map.entry("over/W6", new double[] {0, 0.999}),
          Map.entry("over/W6/fix", new double[] {0, 0.999}),
          // .972 in nineteen seeds; in one a cap that is hardly ever reached grows too slowly.
          Map.entry("over/conc10", new double[] {0.0060, 0.940}),
          // Within the bands of twenty seeds (.001); 0 before calls might pass a large one.
          Map.entry("heavyTPM/fixed", new double[] {0.0005, 0.986}),
          // .0020 before refused permits were counted in one place; within the bands of twenty
          // seeds.
          Map.entry("heavyTPM/roll", new double[] {0.0024, 0.936}),
          // A second of Retry-After is waited for; the prototype took a tenth of it.
          Map.entry("over/slice.5", new double[] {0.0006, 0.999}),
          Map.entry("over/fixslice1", new double[] {0.0042, 0.952}),
          Map.entry("over/half", new double[] {0, 0.997}),
          Map.entry("over/double", new double[] {0, 0.997}),
          Map.entry("over/cont/chgRej", new double[] {0, 0.998}),
          Map.entry("over/roll/chgRej", new double[] {0.0006, 0.978}),
          Map.entry("over/noHdr", new double[] {0.015, 0.998}),
          Map.entry("over/noHdr/noRA", new double[] {0.015, 0.999}),
          Map.entry("over/noHdr/fix", new double[] {0.0037, 0.888}),
          Map.entry("over/nbOnOff50", new double[] {0, 0.966}));

  @Test
  void itIsNoWorseThanThePrototype() {
    PROTOTYPE.forEach(
        (name, figures) -> {
          Study.Row means =
              Study.means(row(name).scenario(), List.of(Strategy.ORACLE, Strategy.PACELINE), 20);
          // Half a 429 a run is the luck of twenty seeds. burst450/noHdr is not in the table: the
          // prototype held unheard calls for four seconds, and met fewer than a queue of 450 meets
          // that must be through within two (docs/decisions/005).
          assertThat(means.of(Strategy.PACELINE).perSuccess())
              .as(name)
              .isLessThanOrEqualTo(figures[0] + 0.00025);
          assertThat(means.goodput(Strategy.PACELINE))
              .as(name)
              .isGreaterThanOrEqualTo(figures[1] - 0.003);
        });
    assertThat(row("day/fixed").failedBeyondOracle(Strategy.PACELINE)).isZero();
  }

  /** What is not used of a window by its end is lost, and who waits to its end may be gone. */
  @Test
  void aWindowThatNoHeaderShowsIsUsedWhenItBegins() {
    Study.Row means =
        Study.means(
            row("over/noHdr/fix").scenario(), List.of(Strategy.ORACLE, Strategy.PACELINE), 20);
    // Of 3,000 calls; spread evenly it was 33.
    assertThat(means.failedBeyondOracle(Strategy.PACELINE)).isLessThan(15);
  }

  @Test
  void aNeighbourIsLeftItsShareAndCostsNearlyNo429s() {
    for (String name : List.of("over/nb30", "over/nbOnOff50", "over/nbOnOff50/plain")) {
      assertThat(paceline(name).perSuccess()).as(name).isLessThan(0.01);
      assertThat(row(name).goodput(Strategy.PACELINE)).as(name).isGreaterThan(0.95);
    }
  }

  /** A part of the limit kept free for him was 30 calls; a burst took 1.19 of the optimum. */
  @Test
  void aBurstBesideANeighbourIsLittleLaterThanTheOptimum() {
    Scenario burst =
        UnseenScenarios.all().stream()
            .filter(one -> one.name().equals("unseen/burst200/750rpm-tenth/nbOnOff50"))
            .findFirst()
            .orElseThrow();
    Study.Row means = Study.means(burst, List.of(Strategy.ORACLE, Strategy.PACELINE), 20);
    assertThat(means.makespan(Strategy.PACELINE)).isLessThanOrEqualTo(1.08);
    assertThat(means.of(Strategy.PACELINE).failed()).isZero();
    assertThat(means.of(Strategy.PACELINE).perSuccess()).isLessThanOrEqualTo(0.01);
  }

  @Test
  void underSustainedOverloadNobodyWhoWaitedIsRejected() {
    for (String name : List.of("over/deadline30", "over/deadline30/chgRej")) {
      assertThat(paceline(name).rejections()).as(name).isLessThanOrEqualTo(1);
      assertThat(row(name).goodput(Strategy.PACELINE)).as(name).isGreaterThan(0.95);
    }
  }

  @Test
  void eightProcessesShareWithoutTalkingToEachOther() {
    for (String name : List.of("8jvm/over/cont", "8jvm/over/plain", "8jvm/over/rpm1200")) {
      assertThat(mean(name, Outcome::perSuccess)).as(name).isZero();
      assertThat(mean(name, Outcome::jain)).as(name).isGreaterThan(0.99);
    }
    assertThat(mean("8jvm/over/fixed", Outcome::perSuccess)).isLessThan(0.006);
    assertThat(mean("8jvm/over/fixed", Outcome::jain)).isGreaterThan(0.97);
    assertThat(mean("8jvm/roll", Outcome::perSuccess)).isLessThan(0.008);
    assertThat(mean("8jvm/roll", Outcome::jain)).isGreaterThan(0.92);
    // A rate that no header shows, and that all find out by 429s; it was .33.
    assertThat(mean("8jvm/slice.5", Outcome::perSuccess)).isLessThan(0.14);
    assertThat(mean("8jvm/slice.5", Outcome::jain)).isGreaterThan(0.9);
  }

  @Test
  void fiftyProcessesShareABucketOfTwentyFourRequestsEach() {
    Scenario fifty = row("8jvm/over/rpm1200").scenario().jvms(50);
    Outcome outcome = Strategy.PACELINE.run(fifty, 1);
    assertThat(outcome.rejections()).isLessThanOrEqualTo(2);
    assertThat(outcome.jain()).isGreaterThan(0.98);
  }

  /** It gives places back in waves; two that had slowed down let most of the next one pass. */
  @Test
  void twoProcessesUseARollingWindow() {
    Scenario two = row("8jvm/roll").scenario().jvms(2);
    Study.Row means = Study.means(two, List.of(Strategy.ORACLE, Strategy.PACELINE), 10);
    // Of 3,000 calls; it was 240.
    assertThat(means.failedBeyondOracle(Strategy.PACELINE)).isLessThan(75);
    assertThat(means.of(Strategy.PACELINE).perSuccess()).isLessThan(0.001);
    assertThat(means.of(Strategy.PACELINE).jain()).isGreaterThan(0.98);
  }

  @Test
  void whoBeginsLaterComesToHaveAsMuch() {
    assertThat(mean("8jvm/late/cont", Outcome::jain)).isGreaterThan(0.97);
    assertThat(mean("8jvm/late/fixed", Outcome::jain)).isGreaterThan(0.9);
    // Two: whoever has a window to himself at first uses it up within seconds. It was .69.
    Study.Row two =
        Study.means(row("8jvm/late/fixed").scenario().jvms(2), List.of(Strategy.PACELINE), 10);
    assertThat(two.of(Strategy.PACELINE).jain()).isGreaterThan(0.8);
    // A rolling window gives back to each what he has used.
    assertThat(mean("8jvm/late/roll", Outcome::jain)).isGreaterThan(0.65);
  }

  @Test
  void nobodyButTheOracleFailsFewerCallsOrMeetsFewer429s() {
    assertThat(Report.fewer(rows)).isEmpty();
  }

  /**
   * Whoever fails fewer calls meets more 429s, and the other way round, by however little. But in a
   * burst that has to leave within two seconds (docs/decisions/005), and where the bucket is told
   * how many processes there are.
   */
  @Test
  void nobodyButTheOracleIsAsGoodInBoth() {
    assertThat(Report.noWorse(rows))
        .allMatch(
            line ->
                line.matches("burst300/750rpm-tenth/answers20s .*: ATB \\(0 · ×1[^,]*")
                    || line.matches("8jvm/[^:]*: bucket told the limit [^,]*"));
  }

  @Test
  void plainRetriesAreNeverAheadUnderOverload() {
    Set<Strategy> plain = Set.of(Strategy.SDK, Strategy.RETRY_AFTER);
    for (Study.Row row : rows) {
      if (row.scenario().name().startsWith("over/")) {
        for (Strategy strategy : plain) {
          assertThat(row.of(Strategy.PACELINE).perSuccess())
              .as(row.scenario().name())
              .isLessThan(row.of(strategy).perSuccess());
        }
      }
    }
  }
}
