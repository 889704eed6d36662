package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.OnDeadline;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Headers;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A place in flight is given back once, whatever happens in the instant of its admission. */
class PermitTest {
  private static final Bounds ONE_IN_FLIGHT =
      new Bounds(0, 0, 0, 0, 0, 0, 1, Bounds.AUTO, Bounds.AUTO);

  private final TestCalls test = new TestCalls();
  private final List<Throwable> faults = new ArrayList<>();
  private final Ledger ledger = new Ledger();
  private final VirtualTime time = new VirtualTime();
  private final ScopeHandle lane =
      new ScopeHandle(
          new Scope("openai", "host", "m"),
          time,
          time,
          new QueueCapacity(test.policies),
          ledger,
          faults::add);

  @Test
  void aHolderWhoGoesWhileTheLaneAdmitsItLeavesThePermitToTheLane() {
    Permit attempt = lane.sent(Cost.ONE);
    Ticket ticket = new Ticket(1, Cost.ONE, 0, 0, SECOND, true);
    assertThat(ticket.beginAdmission())
        .isTrue(); // the lane has begun to admit it, and stands still here
    ticket.cancel();
    assertThat(ticket.take()).isNull();
    assertThat(ticket.admitted(attempt)).as("handed over").isFalse();
    assertThat(ticket.take()).isNull();
    assertThat(ticket.state()).isEqualTo(Ticket.State.CANCELLED);
  }

  @Test
  void aPermitIsTakenOnce() {
    Permit attempt = lane.sent(Cost.ONE);
    Ticket ticket = new Ticket(1, Cost.ONE, 0, 0, SECOND, true);
    ticket.beginAdmission();
    assertThat(ticket.admitted(attempt)).isTrue();
    assertThat(ticket.take()).isSameAs(attempt);
    assertThat(ticket.take()).isNull();
  }

  @Test
  void aCallThatIsCancelledAfterItsAdmissionAndBeforeItGoesOnGivesItsPermitBack() {
    test.policy = TestCalls.policy(60 * SECOND, OnDeadline.SEND, ONE_IN_FLIGHT);
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    CallExecution second = test.begin("{\"n\":2}");
    Ticket ticket = ((Step.Wait) second.start()).ticket();
    first.served(200, Headers.NONE, 0);
    assertThat(ticket.state()).isEqualTo(Ticket.State.ADMITTED);
    second.cancelled();
    assertThat(test.calls.snapshot().atRest()).isTrue();
    assertThat(test.begin("{\"n\":3}").start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void aCallThatGoesOnWhileItIsCancelledFromElsewhereGivesItsPermitBack() {
    test.policy = TestCalls.policy(60 * SECOND, OnDeadline.SEND, ONE_IN_FLIGHT);
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    CallExecution second = test.begin("{\"n\":2}");
    Ticket ticket = ((Step.Wait) second.start()).ticket();
    first.served(200, Headers.NONE, 0);
    assertThat(second.resumed(ticket)).isInstanceOf(Step.Send.class);
    second.cancelled();
    second.cancelled();
    assertThat(test.calls.snapshot().atRest()).isTrue();
  }

  @Test
  void aCallThatCannotBeHeldGivesItsPermitBack() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    Step wait = first.answered(limited("1"), 0);
    Ticket ticket = ((Step.Wait) wait).ticket();
    while (ticket.state() == Ticket.State.WAITING) {
      assertThat(test.time.next()).isTrue();
    }
    assertThat(first.refused(ticket)).isInstanceOf(Step.Deliver.class);
    assertThat(test.calls.snapshot().atRest()).isTrue();
  }

  @Test
  void adversarialRoundsOfAdmissionAgainstCancellationLoseNothing() throws Exception {
    int rounds = Integer.getInteger("paceline.test.rounds", 20_000);
    test.policy = TestCalls.policy(60 * SECOND, OnDeadline.SEND, ONE_IN_FLIGHT);
    Calls calls = test.calls;
    CyclicBarrier gate = new CyclicBarrier(2);
    AtomicReference<CallExecution> victim = new AtomicReference<>();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread canceller =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < rounds; i++) {
                  gate.await();
                  for (int s = 0; s < i % 60; s++) {
                    Thread.onSpinWait();
                  }
                  victim.get().cancelled();
                  gate.await();
                }
              } catch (Exception e) {
                failed.set(e);
              }
            });
    canceller.start();
    for (int i = 0; i < rounds; i++) {
      CallExecution first = test.begin("{\"n\":" + 2 * i + "}");
      assertThat(first.start()).as("round %s", i).isInstanceOf(Step.Send.class);
      CallExecution second = test.begin("{\"n\":" + (2 * i + 1) + "}");
      assertThat(second.start()).isInstanceOf(Step.Wait.class);
      victim.set(second);
      gate.await();
      for (int s = 0; s < (i / 400) % 60; s++) {
        Thread.onSpinWait();
      }
      first.served(200, Headers.NONE, 0);
      gate.await();
      assertThat(calls.snapshot().permitsOutstanding()).as("round %s", i).isZero();
    }
    canceller.join();
    assertThat(failed.get()).isNull();
  }

  @Test
  void wakingAndFaultsHappenWithoutTheLanesLock() {
    List<Boolean> held = new ArrayList<>();
    ScopeHandle[] itself = new ScopeHandle[1];
    itself[0] =
        new ScopeHandle(
            new Scope("openai", "host", "m"),
            time,
            time,
            new QueueCapacity(test.policies),
            ledger,
            fault -> held.add(itself[0].own().isLockedByMe()));
    close(itself[0], 5 * SECOND);
    Ticket waiting = itself[0].enter(new Ticket(1, Cost.ONE, 1, 0, 100 * SECOND, true), null);
    waiting.whenReady(() -> held.add(itself[0].own().isLockedByMe()));
    time.broken = true;
    Ticket sooner = itself[0].enter(new Ticket(0, Cost.ONE, 1, 1, 5 * SECOND + 1_000, true), null);
    assertThat(held).as("one fault, one waiter").containsExactly(false, false);
    assertThat(waiting.state()).isEqualTo(Ticket.State.RELEASED);
    assertThat(sooner.state()).isEqualTo(Ticket.State.RELEASED);
  }

  @Test
  void oneWaiterWhoseTaskFailsDoesNotKeepTheOthersWaiting() {
    close(lane, 5 * SECOND);
    Ticket bad = lane.enter(new Ticket(1, Cost.ONE, 1, 0, 100 * SECOND, true), null);
    Ticket good = lane.enter(new Ticket(2, Cost.ONE, 1, 0, 100 * SECOND, true), null);
    List<String> woken = new ArrayList<>();
    bad.whenReady(
        () -> {
          throw new IllegalStateException("an executor that was shut down");
        });
    good.whenReady(() -> woken.add("good"));
    lane.release();
    assertThat(woken).containsExactly("good");
    assertThat(faults).hasSize(1);
  }

  @Test
  void anOverdueAlarmIsTakenOverByWhoeverComesBy() {
    close(lane, 5 * SECOND);
    Ticket waiting = lane.enter(new Ticket(1, Cost.ONE, 1, 0, 100 * SECOND, true), null);
    time.passWithoutAlarms(7 * SECOND);
    assertThat(waiting.state()).isEqualTo(Ticket.State.WAITING);
    lane.own().stepWhenOverdue();
    assertThat(waiting.state()).isEqualTo(Ticket.State.ADMITTED);
  }

  private static void close(ScopeHandle lane, long hint) {
    Permit attempt = lane.sent(Cost.ONE);
    lane.answered(attempt, List.of(), dev.paceline.words.Limit.RPM, hint, SECOND, 60 * SECOND, 0.5);
    lane.ended(attempt);
  }
}
