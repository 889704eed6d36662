package dev.paceline.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScopeLimiterTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private final ScopeLimiter budget = new ScopeLimiter(0);

  private static LimitReading rpm(long max, long remaining, long resetMillis) {
    return new LimitReading(Limit.RPM, max, remaining, resetMillis, 60_000);
  }

  private void answer(
      long now, Permit attempt, @Nullable Limit limit, long hint, LimitReading... readings) {
    budget.answered(now, attempt, List.of(readings), limit, hint, SECOND, 60 * SECOND, 0.5);
    budget.ended(now, attempt);
  }

  /** So many calls, {@code gap} apart, each served at once; when the next one would be. */
  private long serve(long now, int calls, long gap, LimitReading... readings) {
    for (int i = 0; i < calls; i++) {
      answer(now + MILLI, budget.left(now, Cost.ONE), null, 0, readings);
      now += gap;
    }
    return now;
  }

  private long leaveAll(long now, int calls) {
    long began = now;
    for (int waiting = calls; waiting > 0; waiting--) {
      long at = budget.earliest(now, Cost.ONE, waiting, began);
      while (at - now > 0) {
        now = at;
        at = budget.earliest(now, Cost.ONE, waiting, began);
      }
      budget.left(now, Cost.ONE);
    }
    return now;
  }

  @Test
  void aScopeThatNobodyHasSaidAnythingAboutHoldsNoCallForTwoSeconds() {
    assertThat(leaveAll(0, 10_000)).isLessThan(2 * SECOND);
  }

  @Test
  void aBurstThatFitsIsHeldNoLongerOnceHeadersSaySo() {
    Permit first = budget.left(0, Cost.ONE);
    answer(SECOND, first, null, 0, rpm(5_000, 4_950, 600));
    assertThat(leaveAll(SECOND, 300)).isLessThan(1_300 * MILLI);
  }

  @Test
  void silenceOfTheFirstWaveLetsNoHerdGo() {
    for (int i = 0; i < 4; i++) {
      assertThat(budget.earliest(0, Cost.ONE, 12 - i, 0)).isZero();
      budget.left(0, Cost.ONE);
    }
    long now = 600 * MILLI; // half a second without a word: taken for admitted
    assertThat(budget.earliest(now, Cost.ONE, 8, 0)).isEqualTo(now);
    budget.left(now, Cost.ONE);
    assertThat(budget.earliest(now, Cost.ONE, 7, 0)).isGreaterThan(now);
  }

  @Test
  void aRollingWindowThatOthersHaveFilledIsTriedAgain() {
    ScopeLimiter rolling = new ScopeLimiter(0);
    int left = 300;
    long now = 0;
    for (int i = 0; i < 100; i++) {
      // Ours leave one a second, and come back a minute later; nobody else is there.
      now = i * SECOND;
      left -= i < 60 ? 1 : 0;
      Permit attempt = rolling.left(now, Cost.ONE);
      rolling.answered(
          now, attempt, List.of(rpm(300, left, 60_000)), null, 0, SECOND, 60 * SECOND, 0.5);
      rolling.ended(now, attempt);
    }
    assertThat(rolling.view(now).buckets().get(0).counted()).isEqualTo("rolling");

    // Somebody takes all the rest, and the last of ours is refused. Of what comes back of ours, he
    // is left his part for as long as he seems to be there.
    Permit refused = rolling.left(now, Cost.ONE);
    rolling.answered(
        now, refused, List.of(rpm(300, 0, 60_000)), Limit.RPM, SECOND, SECOND, 60 * SECOND, 0.5);
    rolling.ended(now, refused);
    long at = now;
    for (int i = 0; i < 100 && rolling.earliest(at, Cost.ONE, 1, now) - at > 0; i++) {
      at = rolling.earliest(at, Cost.ONE, 1, now);
    }
    assertThat(at - now).isLessThanOrEqualTo(20 * SECOND);
  }

  @Test
  void aRefusalThatNobodyCouldKnowOfCostsNoDistance() {
    List<Permit> wave = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      wave.add(budget.left(i * MILLI, Cost.ONE));
    }
    for (int i = 7; i >= 0; i--) {
      answer(100 * MILLI, wave.get(i), Limit.RPM, 0, rpm(600, 0, 60_000));
    }
    // Ten a second come back: one, and the distance of six that a bucket begins with.
    long now = 100 * MILLI;
    for (int i = 0; i < 100 && budget.earliest(now, Cost.ONE, 1, 0) - now > 0; i++) {
      now = budget.earliest(now, Cost.ONE, 1, 0);
    }
    assertThat(now).isLessThan(1_500 * MILLI);
  }

  @Test
  void whatCameBackWhileTheClientHeldACallIsNotCountedTwice() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, rpm(600, 300, 30_000));
    // Ten a second come back. A call that was let go at 1 s leaves two seconds later.
    Permit queued = budget.left(SECOND, Cost.ONE);
    budget.departed(3 * SECOND, queued);
    answer(3_100 * MILLI, queued, null, 0, rpm(600, 100, 50_000));

    long left = budget.view(3_100 * MILLI).buckets().get(0).left();
    assertThat(left).isBetween(98L, 103L);
  }

  @Test
  void nobodyLeavesWhileTheFirstAnswerIsBeingRead() {
    Permit first = budget.left(0, Cost.ONE);
    while (budget.earliest(SECOND, Cost.ONE, 200, 0) - SECOND <= 0) {
      budget.left(SECOND, Cost.ONE);
    }
    budget.reading(1_100 * MILLI);
    assertThat(budget.earliest(1_200 * MILLI, Cost.ONE, 200, 0)).isEqualTo(1_400 * MILLI);
    assertThat(budget.earliest(1_401 * MILLI, Cost.ONE, 200, 0)).isEqualTo(1_401 * MILLI);

    answer(1_200 * MILLI, first, Limit.RPM, 2 * SECOND);
    assertThat(budget.earliest(1_201 * MILLI, Cost.ONE, 200, 0)).isEqualTo(3_200 * MILLI);
  }

  @Test
  void anAnswerThatIsNeverReadToItsEndHoldsNobodyForTwoSeconds() {
    budget.left(0, Cost.ONE);
    for (long now = 0; now < 3 * SECOND; now += 100 * MILLI) {
      budget.reading(now);
    }
    assertThat(leaveAll(0, 100)).isLessThan(2 * SECOND);
  }

  @Test
  void whatHeadersShowToBeLeftIsSentAndNoMore() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, rpm(60, 5, 55_000));
    long now = 100 * MILLI;
    int sent = 0;
    for (long at = now; at < 5 * SECOND; at += 10 * MILLI) {
      if (budget.earliest(at, Cost.ONE, 1, at) <= at) {
        budget.ended(at, budget.left(at, Cost.ONE));
        sent++;
      }
    }
    // Five that were left, one a second that comes back, less the distance kept.
    assertThat(sent).isBetween(6, 10);
  }

  @Test
  void aLimitAnswerClosesTheGateOnceForTheFlight() {
    Permit one = budget.left(0, Cost.ONE);
    Permit two = budget.left(0, Cost.ONE);
    answer(100 * MILLI, one, Limit.RPM, 2 * SECOND);
    answer(150 * MILLI, two, Limit.RPM, 2 * SECOND);
    assertThat(budget.closedFor(150 * MILLI)).isEqualTo(2 * SECOND);
    assertThat(budget.earliest(SECOND, Cost.ONE, 1, 0)).isEqualTo(2_150 * MILLI);
  }

  @Test
  void callsThatWereSilentAndThenRefusedDoNotCountAsAdmitted() {
    Permit[] attempts = new Permit[50];
    for (int i = 0; i < 50; i++) {
      attempts[i] = budget.left(i * 20 * MILLI, Cost.ONE);
    }
    for (Permit attempt : attempts) {
      answer(1_500 * MILLI, attempt, Limit.UNKNOWN, 2 * SECOND);
    }

    // Taken for admitted, they would make a rate of one in 1.4 s of a limit that nobody knows.
    assertThat(leaveAll(1_500 * MILLI, 50)).isLessThan(8 * SECOND);
  }

  @Test
  void oneRefusalInAQuietMinuteDoesNotSlowTheNextOnesToAsFewAsThere() {
    long now = 0;
    for (int i = 0; i < 6; i++) {
      Permit quiet = budget.left(now, Cost.ONE);
      answer(now + SECOND, quiet, null, 0);
      now += 8 * SECOND;
    }
    answer(now + 100 * MILLI, budget.left(now, Cost.ONE), Limit.UNKNOWN, SECOND);
    now += 2 * SECOND;
    budget.ended(now, budget.left(now, Cost.ONE));

    assertThat(budget.earliest(now, Cost.ONE, 1, now) - now).isLessThanOrEqualTo(3 * SECOND);
  }

  @Test
  void aRequestLargerThanTheBucketIsSentWhenTheBucketIsFull() {
    Permit first = budget.left(0, new Cost(1, 10, 0));
    answer(100 * MILLI, first, null, 0, new LimitReading(Limit.TPM, 30_000, 29_990, 20, 60_000));
    Cost large = new Cost(1, 500_000, 0);
    assertThat(budget.earliest(2 * SECOND, large, 1, 0)).isEqualTo(2 * SECOND);
  }

  @Test
  void aLimitOnRequestsInFlightCountsThemUntilTheyEnd() {
    Permit[] attempts = new Permit[4];
    for (int i = 0; i < 4; i++) {
      attempts[i] = budget.left(0, Cost.ONE);
    }
    answer(100 * MILLI, attempts[3], Limit.CONCURRENCY, 0, rpm(600, 597, 300));
    long later = 3 * SECOND;
    assertThat(budget.earliest(later, Cost.ONE, 1, later)).isGreaterThan(later);
    budget.ended(later, attempts[0]);
    assertThat(budget.earliest(later, Cost.ONE, 1, later)).isEqualTo(later);
  }

  @Test
  void whatIsClosedByADoubtfulHeaderIsTriedAfterTenSeconds() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, rpm(60, 0, 3_600_000));
    assertThat(budget.earliest(200 * MILLI, Cost.ONE, 1, 0)).isLessThanOrEqualTo(10_100 * MILLI);
  }

  @Test
  void anAnswerThatComesTwiceOrAfterItsEndCountsOnce() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, rpm(60, 59, 1_000));
    answer(200 * MILLI, first, Limit.RPM, SECOND);
    assertThat(budget.view(200 * MILLI).inFlight()).isZero();
    assertThat(budget.closedFor(200 * MILLI)).isZero();
  }

  @Test
  void anAnnouncedWindowOfFiveMinutesIsNotTakenForAnHour() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, new LimitReading(Limit.RPM, 1_000, 999, 295_000, 300_000));
    assertThat(budget.view(200 * MILLI).buckets().get(0).windowNanos()).isEqualTo(300 * SECOND);
  }

  /** 60 of 100 used and six seconds left look like a bucket of ten seconds, but are a minute's. */
  @Test
  void aMinuteOfTheClockIsAMinuteInItsLastSecondsToo() {
    Permit first = budget.left(0, Cost.ONE);
    answer(100 * MILLI, first, null, 0, new LimitReading(Limit.RPM, 100, 40, 6_000, 60_000, true));
    LimiterView.Line seen = budget.view(200 * MILLI).buckets().get(0);
    assertThat(seen.windowNanos()).isEqualTo(60 * SECOND);
    assertThat(seen.left()).isEqualTo(40);

    Permit next = budget.left(59 * SECOND, Cost.ONE);
    answer(60 * SECOND, next, null, 0, new LimitReading(Limit.RPM, 100, 60, 6_300, 60_000, true));
    assertThat(budget.view(61 * SECOND).buckets().get(0).windowNanos()).isEqualTo(60 * SECOND);
  }

  @Test
  void aDayThatTellsNoResetIsNotRefilledInAMinute() {
    Permit first = budget.left(0, Cost.ONE);
    LimitReading day = new LimitReading(Limit.RPD, 2_400, 100, LimitReading.UNKNOWN, 86_400_000);
    answer(100 * MILLI, first, null, 0, day);
    LimiterView.Line seen = budget.view(60 * SECOND).buckets().get(0);
    assertThat(seen.windowNanos()).isEqualTo(86_400 * SECOND);
    assertThat(seen.left()).isBetween(100L, 102L);
  }

  /** What the message of a limit answer told, where no header does. */
  private static LimitReading said(long aMinute) {
    return new LimitReading(Limit.RPM, aMinute, -1, -1, 60_000);
  }

  /** Calls that leave within a minute that begins at {@code from}; all are served. */
  private int leftInAMinute(long from) {
    int left = 0;
    long now = from;
    while (now - from < 60 * SECOND) {
      long at = budget.earliest(now, Cost.ONE, 1_000, from);
      if (at - now > 0) {
        now = at;
        continue;
      }
      answer(now + 50 * MILLI, budget.left(now, Cost.ONE), null, 0);
      left++;
    }
    return left;
  }

  @Test
  void noMoreIsTriedThanAMessageSaysAMinuteGrants() {
    serve(0, 60, SECOND / 2);
    answer(31 * SECOND, budget.left(31 * SECOND, Cost.ONE), Limit.RPM, SECOND, said(60));

    for (int minute = 1; minute <= 8; minute++) {
      assertThat(leftInAMinute(minute * 60 * SECOND)).as("minute %d", minute).isBetween(59, 61);
    }
    // The limit may have been raised since: some time later a little more is tried.
    leftInAMinute(14 * 60 * SECOND);
    assertThat(leftInAMinute(15 * 60 * SECOND)).isGreaterThan(61);
  }

  @Test
  void aFigureThatIsSmallerThanWhatWasServedIsOfAnotherWindow() {
    serve(0, 300, SECOND / 10);
    answer(31 * SECOND, budget.left(31 * SECOND, Cost.ONE), Limit.RPM, SECOND, said(10));

    assertThat(leftInAMinute(60 * SECOND)).isGreaterThan(150);
  }

  @Test
  void aFigureOfALimitInNoHeaderIsNotTakenForAShorterTimeOfOneThatIs() {
    // Groq: tokens a minute in headers, requests a minute in none.
    LimitReading tokens = new LimitReading(Limit.TPM, 1_000_000, 990_000, 600, 60_000);
    serve(0, 60, SECOND / 2, tokens);
    answer(31 * SECOND, budget.left(31 * SECOND, Cost.ONE), Limit.RPM, SECOND, tokens, said(60));

    assertThat(leftInAMinute(60 * SECOND)).isBetween(59, 61);
  }

  /** One of 30 took 226 ms to the provider, and a 31st was sent into the same window. */
  @Test
  void whatWasLongerOnItsWayThanTheLastOnesHasUsedUpTheWindowAllTheSame() {
    Permit slow = budget.left(0, Cost.ONE);
    long now = 150 * MILLI;
    Permit[] later = new Permit[9];
    for (int i = 0; i < later.length; i++) {
      later[i] = budget.left(now, Cost.ONE);
      now += 10 * MILLI;
    }
    answer(SECOND, slow, null, 0, new LimitReading(Limit.RPM, 10, 0, 50_000, 60_000, true));
    for (int i = 0; i < later.length; i++) {
      LimitReading shown = new LimitReading(Limit.RPM, 10, 9 - i, 50_000, 60_000, true);
      answer(SECOND + (i + 1) * MILLI, later[i], null, 0, shown);
    }

    long after = 2 * SECOND;
    assertThat(budget.earliest(after, Cost.ONE, 1, after)).isGreaterThan(40 * SECOND);
  }

  /**
   * Behind a limit over a shorter time than headers show, each new try of a burst meets it again.
   */
  @Test
  void afterALimitThatNoHeaderShowsTheRateIsKeptWithoutABurst() {
    LimitReading room = rpm(600, 595, 500);
    answer(20 * MILLI, budget.left(0, Cost.ONE), null, 0, room);
    Permit[] burst = new Permit[8];
    for (int i = 0; i < burst.length; i++) {
      burst[i] = budget.left(600 * MILLI, Cost.ONE);
    }
    answer(620 * MILLI, burst[7], Limit.RPM, 0, room);

    int left = 0;
    for (long now = 620 * MILLI; now < 1_620 * MILLI; now += MILLI) {
      if (budget.earliest(now, Cost.ONE, 100, 0) - now <= 0) {
        budget.left(now, Cost.ONE);
        left++;
      }
    }
    assertThat(left).isBetween(7, 10);
  }

  @Test
  void estimatesThatNoAnswerHasPutRightYetKeepADistance() {
    Cost tokens = new Cost(1, 20_000, 0);
    LimitReading half = new LimitReading(Limit.TPM, 100_000, 50_000, 50_000, 60_000, true);
    answer(SECOND, budget.left(0, tokens), null, 0, half);
    Permit open = budget.left(2 * SECOND, tokens);

    // 30,000 are left if the estimate is right; it may have been 10,000 more.
    Cost next = new Cost(1, 25_000, 0);
    assertThat(budget.earliest(2 * SECOND, next, 1, SECOND)).isGreaterThan(10 * SECOND);
    LimitReading exact = new LimitReading(Limit.TPM, 100_000, 30_000, 48_000, 60_000, true);
    answer(3 * SECOND, open, null, 0, exact);
    assertThat(budget.earliest(3 * SECOND, next, 1, SECOND)).isEqualTo(3 * SECOND);
  }

  @Test
  void aPromptNearlyAsLargeAsTheBucketDoesNotWaitForAnAnswer() {
    Cost large = new Cost(1, 25_000, 0);
    LimitReading full = new LimitReading(Limit.TPM, 30_000, 29_900, 200, 60_000);
    answer(SECOND, budget.left(0, new Cost(1, 100, 0)), null, 0, full);
    budget.left(2 * SECOND, new Cost(1, 100, 0)); // takes a minute to answer

    assertThat(budget.earliest(4 * SECOND, large, 1, 2 * SECOND)).isEqualTo(4 * SECOND);
  }

  @Test
  void theDoubtAboutLongPromptsHoldsNoOutputBack() {
    Cost longPrompt = new Cost(1, 100_000, 500);
    LimitReading output = new LimitReading(Limit.OTPM, 10_000, 1_600, 50_000, 60_000, true);
    answer(SECOND, budget.left(0, longPrompt), null, 0, output);
    budget.left(2 * SECOND, longPrompt);

    assertThat(budget.earliest(2 * SECOND, longPrompt, 1, SECOND)).isEqualTo(2 * SECOND);
  }

  @Test
  void aLongWaitTellsWhenTheMinuteEndsAndSoWhatItGrants() {
    serve(0, 300, SECOND / 10);
    answer(30 * SECOND, budget.left(30 * SECOND, Cost.ONE), Limit.UNKNOWN, 30 * SECOND);

    // As a bucket that came back meanwhile it would be 200.
    assertThat(leftInAMinute(60 * SECOND)).isBetween(290, 305);
  }

  @Test
  void whatWasAdmittedInAFullMinuteIsTheRateThatALimitAnswerLeads() {
    long now = serve(0, 1_200, SECOND / 10);
    answer(now, budget.left(now, Cost.ONE), Limit.UNKNOWN, 0);
    // By then twelve a second are tried, and 10.5 of them are let through.
    now = serve(now, 630, 2 * SECOND / 21);
    answer(now, budget.left(now, Cost.ONE), Limit.UNKNOWN, 0);

    // A tenth less than what was tried would be 670.
    assertThat(leftInAMinute(now + 2 * SECOND)).isBetween(600, 635);
  }

  @Test
  void aRefusalInAQuietMinuteCutsTheRateInHalfAtMost() {
    long now = serve(0, 600, SECOND / 10);
    answer(now, budget.left(now, Cost.ONE), Limit.UNKNOWN, 0);
    now += 120 * SECOND;
    now = serve(now, 10, SECOND / 10);
    answer(now, budget.left(now, Cost.ONE), Limit.UNKNOWN, 30 * SECOND);

    assertThat(leftInAMinute(now + 30 * SECOND)).isGreaterThan(150);
  }

  /** 557 were, and 550 of them refused. */
  @Test
  void whenAFigureProvesToBeALieTheQueueItHeldIsNotLetGoAtOnce() {
    // Served each time although nothing is left, more often than a minute's refill explains; so
    // many of them that slow start has long ended.
    long now = SECOND;
    for (int i = 0; i < 5_000; i++) {
      answer(now + 20 * MILLI, budget.left(now, Cost.ONE), null, 0, rpm(60, 30, 30_000));
      now += 20 * MILLI;
    }
    assertThat(budget.view(now).buckets()).isNotEmpty();
    for (int i = 0; i < 200 && !budget.view(now).buckets().isEmpty(); i++) {
      answer(now + 20 * MILLI, budget.left(now, Cost.ONE), null, 0, rpm(60, 0, 60_000));
      now += 100 * MILLI;
    }
    assertThat(budget.view(now).buckets()).isEmpty();

    int left = 0;
    while (left < 500 && budget.earliest(now, Cost.ONE, 500 - left, now - SECOND) - now <= 0) {
      budget.left(now, Cost.ONE);
      left++;
    }
    assertThat(left).isBetween(1, 10);
  }

  /** A bucket taken for a window, whose end was a minute off, held a queue until all had gone. */
  @Test
  void whoWasToldToWaitForASecondIsNotHeldForAMinute() {
    LimitReading empty = new LimitReading(Limit.RPM, 750, 0, 58_000, 60_000, true);
    for (int i = 0; i < 20; i++) {
      LimitReading left = new LimitReading(Limit.RPM, 750, 20 - i, 59_000, 60_000, true);
      answer(i * 100 * MILLI + MILLI, budget.left(i * 100 * MILLI, Cost.ONE), null, 0, left);
    }
    Permit refused = budget.left(2 * SECOND, Cost.ONE);
    answer(2_010 * MILLI, refused, Limit.RPM, SECOND, empty);

    long at = budget.earliest(4 * SECOND, Cost.ONE, 100, 2 * SECOND);
    assertThat(at).isBetween(10 * SECOND, 16 * SECOND);
  }

  /** What is asked must not change what is answered. */
  @Test
  void questionsChangeNothing() {
    Bounds typed = new Bounds(0, 60_000, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO);
    budget.bounds(0, typed);
    budget.ended(1, budget.left(0, new Cost(1, 20_000, 0)));
    Limit binding = budget.binding(SECOND);
    boolean word = budget.waitsConfirmed(SECOND);

    budget.earliest(SECOND, new Cost(1, 60_000, 0), 1, SECOND);
    budget.predict(SECOND, 1, 60_000, 0);

    assertThat(budget.binding(SECOND)).isEqualTo(binding);
    assertThat(budget.waitsConfirmed(SECOND)).isEqualTo(word);
    assertThat(budget.earliest(SECOND, new Cost(1, 30_000, 0), 1, SECOND)).isEqualTo(SECOND);
  }

  /** Opened by the kill switch while calls were on the way: their levels are of other limits. */
  @Test
  void whatLeftBeforeItWasOpenedDoesNotSpeakOfLimitsThatWereFoundSince() {
    LimitReading tokens = new LimitReading(Limit.TPM, 100_000, 90_000, 6_000, 60_000);
    answer(MILLI, budget.left(0, new Cost(1, 100, 0)), null, 0, tokens, rpm(300, 200, 20_000));
    Permit before = budget.left(2 * SECOND - 10 * MILLI, new Cost(1, 100, 0));
    budget.open(2 * SECOND);
    LimitReading left = rpm(300, 199, 20_000);
    answer(2 * SECOND + MILLI, budget.left(2 * SECOND, new Cost(1, 100, 0)), null, 0, left);

    answer(2 * SECOND + 2 * MILLI, before, null, 0, rpm(300, 200, 20_000), tokens);

    assertThat(budget.view(2 * SECOND + 3 * MILLI).buckets())
        .filteredOn(line -> line.limit() == Limit.RPM)
        .singleElement()
        .satisfies(line -> assertThat(line.left()).isBetween(197L, 200L));
  }
}
