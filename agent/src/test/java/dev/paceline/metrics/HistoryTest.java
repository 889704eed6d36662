package dev.paceline.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.config.Mode;
import dev.paceline.diagnosis.Finding;
import dev.paceline.diagnosis.ScopeStats;
import dev.paceline.words.Client;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitView;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final long SECOND = 1_000_000_000L;
  private static final CallInfo GPT = new CallInfo(Client.JDK, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics(50);
  private final List<ScopeView> scopes = new ArrayList<>();
  private long now = 5;
  private final History history = new History(metrics, () -> scopes, () -> now);

  @Test
  void whatHappensIsCountedInItsStepAndForgottenAfterAQuarterOfAnHour() {
    refused(GPT, Limit.RPM);
    pass(30);
    refused(GPT, Limit.TPM);
    refused(GPT, Limit.TPM);
    Quarter quarter = history.quarter();
    assertThat(quarter.limited().keySet()).containsExactlyInAnyOrder(Limit.RPM, Limit.TPM);
    assertThat(quarter.limited().get(Limit.RPM)).hasSize(60).endsWith(1L, 0L, 0L);
    assertThat(quarter.limited().get(Limit.TPM)).endsWith(0L, 0L, 2L);
    assertThat(quarter.calls()).endsWith(1L, 0L, 2L);
    assertThat(quarter.models()).hasSize(1);
    assertThat(quarter.models().get(0).counts().refused()).isEqualTo(3);

    pass(875);
    assertThat(history.quarter().limited().keySet()).containsExactly(Limit.TPM);
    pass(15);
    quarter = history.quarter();
    assertThat(quarter.limited()).isEmpty();
    assertThat(quarter.models()).isEmpty();
  }

  @Test
  void aReaderThatComesAfterALongPauseSeesNoGhosts() {
    refused(GPT, Limit.RPM);
    now += 24 * 3_600 * SECOND;
    // Nobody has sampled since: what happened meanwhile is of now.
    assertThat(history.quarter().limited().get(Limit.RPM)).endsWith(0L, 1L);
    now += 24 * 3_600 * SECOND;
    assertThat(history.quarter().limited()).isEmpty();
  }

  @Test
  void percentilesComeFromTheWaitsThatEndedLately() {
    for (int i = 0; i < 90; i++) {
      metrics.waited(GPT, Limit.RPM, WaitReason.PACING, 400_000_000L);
    }
    for (int i = 0; i < 10; i++) {
      metrics.waited(GPT, Limit.TPM, WaitReason.RETRY_AFTER, 100 * SECOND);
    }
    Quarter.Waits waits = history.quarter().models().get(0).waits();
    assertThat(waits.count()).isEqualTo(100);
    assertThat(waits.sumSeconds()).isCloseTo(1_036, within(.01));
    assertThat(waits.p50()).isBetween(.1, .5);
    assertThat(waits.p95()).isBetween(60.0, 120.0);
    assertThat(waits.p99()).isGreaterThan(waits.p95()).isLessThanOrEqualTo(120);
    assertThat(history.quarter().situations().get(0).quarter().minuteWaits()).isEqualTo(10);
  }

  @Test
  void aLimitIsSaturatedUntilItWasClearlyBelowForAMinute() {
    scope("gpt-4o", 0, 500, 30);
    history.sample();
    pass(60);
    assertThat(only().uses().get(0).saturatedMillis()).isEqualTo(60_000);
    scope("gpt-4o", 0, 500, 100);
    pass(75);
    assertThat(only().uses().get(0).saturatedMillis()).as("80 % used").isEqualTo(135_000);
    scope("gpt-4o", 0, 500, 400);
    pass(15);
    assertThat(only().uses().get(0).saturatedMillis()).as("a moment").isPositive();
    pass(75);
    assertThat(only().uses().get(0).saturatedMillis()).isZero();
    assertThat(only().uses().get(0).used()).isCloseTo(.2, within(.001));
  }

  @Test
  void aWindowThatIsFullAtEachOfItsEndsIsSaturatedAllTheTime() {
    for (int i = 0; i < 40; i++) {
      scope("gpt-4o", 0, 500, i % 4 == 3 ? 0 : 500 - 125 * (i % 4));
      pass(15);
      if (i > 4) {
        assertThat(only().uses().get(0).used()).as("step " + i).isEqualTo(1);
      }
    }
    assertThat(only().uses().get(0).saturatedMillis()).isEqualTo(37 * 15_000);
  }

  @Test
  void theGaugeOfALimitIsThatOfItsFullestOwnerWithinTheLastMinute() {
    metrics.callStarted(GPT);
    scopes.add(view("org-1", "gpt-4o", 0, 0, 500, 450));
    scopes.add(view("org-2", "GPT-4o#embedding", 0, 0, 500, 20));
    history.sample();
    assertThat(utilization()).isEqualTo(.96);
    scopes.set(1, view("org-2", "GPT-4o#embedding", 0, 0, 500, 500));
    pass(60);
    assertThat(utilization()).as("full at the end of its window").isEqualTo(.96);
    pass(15);
    assertThat(utilization()).isEqualTo(.1);
  }

  @Test
  void theGaugeOfALimitBeginsWithTheFirstCallOfItsModel() {
    scope("gpt-4o", 0, 500, 50);
    history.sample();
    assertThat(metrics.snapshot())
        .extracting(MeterView::name)
        .doesNotContain("paceline.limit.utilization");
    metrics.callStarted(GPT);
    history.sample();
    assertThat(utilization()).isEqualTo(.9);
  }

  @Test
  void theGaugeOfALimitWhoseScopesAreGoneIsZero() {
    metrics.callStarted(GPT);
    scope("gpt-4o", 0, 500, 0);
    history.sample();
    assertThat(utilization()).isEqualTo(1);
    scopes.clear();
    history.sample();
    assertThat(utilization()).isZero();
  }

  /** What it was like when it went was told for as long as the process lived. */
  @Test
  void ofAScopeThatIsGoneNothingIsToldButWhatWasCounted() {
    scope("gpt-4o", 3, 500, 0);
    refused(GPT, Limit.RPM);
    assertThat(kinds()).contains(Finding.Kind.SATURATED);
    scopes.clear(); // it joined those of its organisation, or had to make room for others
    pass(15);
    assertThat(kinds()).doesNotContain(Finding.Kind.SATURATED);
    assertThat(only().uses()).isEmpty();
    assertThat(only().quarter().refused()).isEqualTo(1);
    pass(900);
    assertThat(history.quarter().situations()).allMatch(s -> s.quarter().refused() == 0);
  }

  @Test
  void ofManyScopesThatComeAndGoNoTrackIsLeft() {
    for (int i = 0; i < 40; i++) {
      scope("model-" + i, 1, 500, 0);
      pass(15);
      scopes.clear();
    }
    pass(15);
    assertThat(history.quarter().situations()).isEmpty();
  }

  @Test
  void ofAKeyThatOthersUseItTellsAfterAnHourAndNotBefore() {
    long sent = 0;
    for (int minute = 0; minute < 59; minute++) {
      scopes.clear();
      scopes.add(view("gpt-4o", 0, ++sent, 500, 480));
      metrics.limited(GPT, Limit.RPM, Source.UPSTREAM);
      pass(60);
    }
    assertThat(kinds()).doesNotContain(Finding.Kind.KEY_SHARED);
    pass(60);
    assertThat(kinds()).contains(Finding.Kind.KEY_SHARED);
    // 59 of 30,000 in the hour; 301 are more than one per cent.
    scopes.clear();
    scopes.add(view("gpt-4o", 0, 360, 500, 480));
    assertThat(kinds()).doesNotContain(Finding.Kind.KEY_SHARED);
  }

  @Test
  void aBudgetThatWasMadeAnewIsNoNegativeUse() {
    scopes.add(view("gpt-4o", 0, 100, 500, 400));
    history.sample();
    scopes.set(0, view("gpt-4o", 0, 3, 500, 499));
    pass(15);
    assertThat(only().requests()).isEqualTo(103);
    assertThat(only().uses().get(0).ownHour()).isCloseTo(103 / 30_000.0, within(1e-9));
  }

  @Test
  void whatAHostileApplicationInventsIsBounded() {
    for (int i = 0; i < 1_000; i++) {
      CallInfo call = new CallInfo(Client.JDK, "openai", "evil-" + i);
      refused(call, Limit.RPM);
      scopes.add(view("evil-" + i, 0, 1, 500, 499));
    }
    Quarter quarter = history.quarter();
    assertThat(quarter.models()).hasSize(51);
    assertThat(quarter.models().get(0).model()).isEqualTo("other");
    assertThat(quarter.models().get(0).counts().refused()).isEqualTo(950);
    assertThat(quarter.situations()).hasSizeLessThanOrEqualTo(History.MOST_SCOPES + 1);

    // Five minutes later a real one waits, and gets a place.
    pass(300);
    scopes.add(view("gpt-4o", 7, 1, 500, 0));
    assertThat(history.quarter().situations().get(0).scope().model()).isEqualTo("gpt-4o");
    assertThat(history.quarter().situations()).hasSizeLessThanOrEqualTo(History.MOST_SCOPES + 1);
  }

  @Test
  void manyProvidersTimesManyModelsShareOneTrackInTheEnd() {
    for (int provider = 0; provider < 10; provider++) {
      for (int model = 0; model < 20; model++) {
        refused(new CallInfo(Client.JDK, "p" + provider, "m" + model), Limit.RPM);
      }
    }
    Quarter quarter = history.quarter();
    assertThat(quarter.models()).hasSizeLessThanOrEqualTo(History.MOST_MODELS + 1);
    assertThat(quarter.calls().get(59)).isEqualTo(200);
  }

  @Test
  void theReportOfObserveModeLeavesOutWhatWasEnforced() {
    metrics.waited(GPT, Limit.RPM, WaitReason.PACING, 9 * SECOND);
    history.sample();
    pass(30);
    metrics.observing(true);
    metrics.handled(GPT, Mode.OBSERVE);
    refused(GPT, Limit.RPM);
    refused(GPT, Limit.RPM);
    refused(GPT, Limit.RPM);
    metrics.avoidable(GPT, Limit.RPM, Remedy.PACING);
    metrics.avoidable(GPT, Limit.RPM, Remedy.RETRY);
    metrics.waited(GPT, Limit.RPM, WaitReason.PACING, 2 * SECOND);
    Quarter.Observed observed = history.quarter().observed();
    assertThat(observed.millis()).isEqualTo(15_000);
    assertThat(observed.limited()).isEqualTo(3);
    assertThat(observed.byPacing()).isEqualTo(1);
    assertThat(observed.byRetry()).isEqualTo(1);
    assertThat(observed.waits().count()).isEqualTo(1);
    assertThat(observed.waits().sumSeconds()).isEqualTo(2);
  }

  @Test
  void theScopeOfAnOperationWithLimitsOfItsOwnIsCountedWithItsModel() {
    scopes.add(view("gpt-4o#embedding", 0, 1, 500, 499));
    refused(GPT, Limit.RPM);
    assertThat(only().quarter().limited()).isEqualTo(Map.of(Limit.RPM, 1L));
  }

  @Test
  void theReportOfObserveModeLeavesOutTheModelThatARuleEnforces() {
    metrics.observing(true);
    metrics.handled(GPT, Mode.OBSERVE);
    CallInfo enforced = new CallInfo(Client.JDK, "openai", "o3");
    metrics.handled(enforced, Mode.ENFORCE);
    metrics.waited(GPT, Limit.RPM, WaitReason.PACING, 2 * SECOND);
    metrics.waited(enforced, Limit.RPM, WaitReason.PACING, 9 * SECOND);
    Quarter quarter = history.quarter();
    assertThat(quarter.observed().waits().sumSeconds()).isEqualTo(2);
    assertThat(quarter.models())
        .extracting(m -> m.model() + " " + m.enforced())
        .containsExactlyInAnyOrder("gpt-4o false", "o3 true");
  }

  @Test
  void failedCallsAreCountedByWhoSaidNoAndCancelledOnesAreNoFailures() {
    for (int i = 0; i < 9; i++) {
      failed(GPT, Failure.WAIT_TOO_LONG);
    }
    failed(GPT, Failure.RATE_LIMITED);
    failed(GPT, Failure.CANCELLED);
    metrics.served(GPT, 3 * SECOND, 2 * SECOND);
    metrics.callEnded(GPT, Outcome.SUCCESS, 0);
    Quarter quarter = history.quarter();
    assertThat(quarter.failed()).endsWith(0L, 10L);
    Quarter.OfModel model = quarter.models().get(0);
    assertThat(model.counts().failedBy(Failure.By.AGENT)).isEqualTo(9);
    assertThat(model.counts().failing()).isEqualTo(10);
    assertThat(model.latency().p50()).isBetween(2.0, 5.0);
    assertThat(model.latency().ownP50()).isBetween(.5, 1.0);
    Finding first = history.findings().get(0);
    assertThat(first.kind()).isEqualTo(Finding.Kind.FAILING);
    assertThat(first.sentence()).startsWith("83 % of the calls to gpt-4o failed");
  }

  @Test
  void anHourAndADayAreKeptInCoarserSteps() {
    refused(GPT, Limit.RPM);
    history.sample();
    pass(50 * 60);
    assertThat(history.quarter().limited()).isEmpty();
    Quarter hour = history.over(Span.HOUR);
    assertThat(hour.stepMillis()).isEqualTo(60_000);
    assertThat(hour.calls()).hasSize(60);
    assertThat(hour.calls().get(9)).isEqualTo(1);
    assertThat(hour.models().get(0).counts().refused()).isEqualTo(1);
    assertThat(hour.coveredMillis()).isEqualTo(50 * 60_000);
    pass(10 * 3_600);
    assertThat(history.over(Span.HOUR).models()).isEmpty();
    Quarter day = history.over(Span.DAY);
    assertThat(day.calls()).hasSize(96);
    assertThat(day.calls().stream().mapToLong(Long::longValue).sum()).isEqualTo(1);
    pass(14 * 3_600);
    assertThat(history.over(Span.DAY).models()).isEmpty();
  }

  @Test
  void gaugesTellOfQueueLimitAndRemainingOfAllOwnersTogether() {
    metrics.callStarted(GPT);
    scope("gpt-4o", 3, 500, 30);
    history.sample();
    assertThat(gauge("paceline.waiting")).isEqualTo(3);
    assertThat(gauge("paceline.limit")).isEqualTo(500);
    assertThat(gauge("paceline.limit.remaining")).isEqualTo(30);
    scopes.clear();
    history.sample();
    assertThat(gauge("paceline.waiting")).isZero();
  }

  private double gauge(String name) {
    return metrics.snapshot().stream()
        .filter(meter -> meter.name().equals(name))
        .mapToDouble(meter -> meter.reading().number())
        .sum();
  }

  private void failed(CallInfo call, Failure why) {
    metrics.failed(call, why);
    metrics.callEnded(call, Outcome.RATE_LIMITED, 0);
  }

  private List<Finding.Kind> kinds() {
    return history.findings().stream().map(Finding::kind).toList();
  }

  /** Of the only series there is. */
  private double utilization() {
    List<MeterView> series =
        metrics.snapshot().stream()
            .filter(meter -> meter.name().equals("paceline.limit.utilization"))
            .toList();
    assertThat(series).hasSize(1);
    assertThat(series.get(0).tags())
        .isEqualTo(Map.of("provider", "openai", "model", "gpt-4o", "limit", "rpm"));
    return series.get(0).reading().number();
  }

  private ScopeStats only() {
    List<ScopeStats> situations = history.quarter().situations();
    assertThat(situations).hasSize(1);
    return situations.get(0);
  }

  private void refused(CallInfo call, Limit limit) {
    metrics.callStarted(call);
    metrics.attemptSent(call, 1);
    metrics.limited(call, limit, Source.UPSTREAM);
    metrics.attemptEnded(call, 1, 429);
    metrics.callEnded(call, Outcome.RATE_LIMITED, 0);
  }

  private void scope(String model, int waiting, long max, long left) {
    scopes.clear();
    scopes.add(view(model, waiting, 0, max, left));
  }

  private static ScopeView view(String model, int waiting, long sent, long max, long left) {
    return view("org-1", model, waiting, sent, max, left);
  }

  private static ScopeView view(
      String owner, String model, int waiting, long sent, long max, long left) {
    LimitView rpm = new LimitView(Limit.RPM, max, left, 60_000, 0, "continuous", sent, 0);
    return new ScopeView(
        "openai", owner, model, 0, waiting, 0, Limit.RPM, 0, sent, 0, List.of(rpm));
  }

  /** Time passes, sampled each 15 s as in life. */
  private void pass(long seconds) {
    history.sample();
    for (long s = 0; s < seconds; s += 15) {
      now += 15 * SECOND;
      history.sample();
    }
  }
}
