package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** More scopes than are remembered. */
class AdmissionQueuesTest {
  private static final Map<String, String> ROOM =
      Map.of(
          "x-ratelimit-limit-requests", "10000",
          "x-ratelimit-remaining-requests", "9990",
          "x-ratelimit-reset-requests", "60ms");

  private final TestCalls test = new TestCalls();

  AdmissionQueuesTest() {
    test.scopesMax = 100;
  }

  private int remembered() {
    return test.calls.view().size();
  }

  private void serve(String key) {
    test.time.pass(VirtualTime.MILLI);
    CallExecution course = test.beginWith(key, "{\"n\":\"" + key + "\"}");
    assertThat(course.start()).isInstanceOf(Step.Send.class);
    course.served(200, TestCalls.headers(ROOM), 0);
  }

  private void serveOthers(int count) {
    for (int i = 0; i < count; i++) {
      serve("other-" + i);
    }
  }

  @Test
  void soManyAreRememberedAndNoMore() {
    serveOthers(1_000);
    assertThat(remembered()).isBetween(90, 101);
  }

  @Test
  void theOnesThatAreUsedStay() {
    for (int i = 0; i < 2_000; i++) {
      serve("busy-" + i % 20);
      serve("once-" + i);
    }
    long busy = test.calls.view().stream().filter(view -> view.budget().requests() > 50).count();
    assertThat(busy).as("of 20 scopes that are used all the time").isGreaterThanOrEqualTo(19);
  }

  @Test
  void aScopeThatIsClosedOrWaitedInStaysHoweverManyOthersThereAre() {
    CallExecution first = test.beginWith("tenant", "{\"n\":1}");
    first.start();
    Step retry = first.answered(limited("50"), 0);
    CallExecution second = test.beginWith("tenant", "{\"n\":2}");
    Step unsent = second.start();
    serveOthers(1_000);
    assertThat(test.beginWith("tenant", "{\"n\":3}").start())
        .as("the gate is still closed")
        .isInstanceOf(Step.Wait.class);
    test.enabled = false;
    test.calls.releaseWaits();
    assertThat(((Step.Wait) retry).ticket().state()).isEqualTo(Ticket.State.RELEASED);
    assertThat(((Step.Wait) unsent).ticket().state()).isEqualTo(Ticket.State.RELEASED);
  }

  @Test
  void aScopeThatIsClosedStaysWhenNobodyWaitsInIt() {
    test.policy = TestCalls.policy(0, OnDeadline.AUTO, Bounds.NONE);
    CallExecution first = test.beginWith("tenant", "{\"n\":1}");
    first.start();
    first.answered(limited("50"), 0);
    serveOthers(1_000);
    assertThat(test.beginWith("tenant", "{\"n\":2}").start()).isInstanceOf(Step.Replay.class);
  }

  @Test
  void aScopeWithACallOnTheWayStays() {
    CallExecution onTheWay = test.beginWith("tenant", "{\"n\":1}");
    onTheWay.start();
    serveOthers(1_000);
    onTheWay.served(200, TestCalls.headers(ROOM), 0);
    assertThat(test.calls.snapshot().atRest()).isTrue();
    assertThat(test.calls.view())
        .filteredOn(view -> view.scope().owner().contains(Integer.toHexString("tenant".hashCode())))
        .hasSize(1);
  }

  @Test
  void allReleasesReachEveryScopeThatIsWaitedIn() {
    List<Ticket> waiting = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      CallExecution course = test.beginWith("tenant-" + i, "{\"n\":" + i + "}");
      course.start();
      waiting.add(((Step.Wait) course.answered(limited("50"), 0)).ticket());
    }
    assertThat(remembered()).isEqualTo(1_500);
    test.calls.shutdown();
    assertThat(waiting).allMatch(ticket -> ticket.state() == Ticket.State.RELEASED);
    assertThat(test.calls.snapshot().waiting()).isZero();
  }

  @Test
  void aCallThatBeganBeforeItsScopeWasForgottenStartsInTheOneThatTookItsPlace() {
    serve("tenant");
    CallExecution early = test.beginWith("tenant", "{\"n\":1}");
    serveOthers(1_000);
    CallExecution closes = test.beginWith("tenant", "{\"n\":2}");
    closes.start();
    Step wait = closes.answered(limited("5"), 0);
    Step held = early.start();
    assertThat(held).as("held by the same gate").isInstanceOf(Step.Wait.class);
    assertThat(test.ride(closes, wait)).isInstanceOf(Step.Send.class);
    closes.served(200, Headers.NONE, 0);
    assertThat(test.ride(early, held)).isInstanceOf(Step.Send.class);
    early.served(200, Headers.NONE, 0);
    assertThat(test.calls.snapshot().atRest()).isTrue();
    assertThat(test.calls.view()).allMatch(view -> view.budget().inFlight() == 0);
  }

  @Test
  void whetherAnyScopeHoldsCallsIsKnownWithoutAskingAll() {
    assertThat(test.calls.holding()).isFalse();
    for (int i = 0; i < 50; i++) {
      serve("other-" + i);
    }
    assertThat(test.calls.holding()).isFalse();
    CallExecution course = test.beginWith("tenant", "{\"n\":1}");
    course.start();
    assertThat(course.answered(limited("5"), 0)).isInstanceOf(Step.Wait.class);
    assertThat(test.calls.holding()).isTrue();
    assertThat(test.calls.holding()).as("asked twice").isTrue();
    course.cancelled();
    assertThat(test.calls.holding()).as("the gate is still closed").isTrue();
    test.time.pass(6 * SECOND);
    assertThat(test.calls.holding()).isFalse();
  }

  @Test
  void aSwitchToObservingReleasesWhoeverWaits() {
    CallExecution course = test.beginWith("tenant", "{\"n\":1}");
    course.start();
    Step retry = course.answered(limited("50"), 0);
    Step unsent = test.beginWith("tenant", "{\"n\":2}").start();
    Policy p = test.policy;
    test.policy =
        new Policy(
            true,
            Mode.OBSERVE,
            6,
            p.maxWaitNanos(),
            false,
            p.maxCallWaitNanos(),
            p.backoffInitialNanos(),
            p.perhapsInitialNanos(),
            p.backoffCapNanos(),
            p.jitter(),
            p.onDeadline(),
            "");
    test.calls.settingsChanged();
    assertThat(((Step.Wait) retry).ticket().state()).isEqualTo(Ticket.State.RELEASED);
    assertThat(((Step.Wait) unsent).ticket().state()).isEqualTo(Ticket.State.RELEASED);
  }
}
