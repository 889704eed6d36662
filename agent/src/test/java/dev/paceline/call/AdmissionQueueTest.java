package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionQueueTest {
  private static final long SECOND = VirtualTime.SECOND;
  private final VirtualTime time = new VirtualTime();
  private final ScopeHandle lane =
      new ScopeHandle(
          new Scope("openai", "host", "m"),
          time,
          time,
          new QueueCapacity(new TestCalls().policies),
          new Ledger(),
          fault -> {
            throw new AssertionError(fault);
          });

  private void close(long hint) {
    Permit attempt = lane.sent(Cost.ONE);
    lane.answered(attempt, List.of(), Limit.RPM, hint, SECOND, 60 * SECOND, 0.5);
    lane.ended(attempt);
  }

  private Ticket enter(long order, long latest) {
    return lane.enter(new Ticket(order, Cost.ONE, 100, time.nanos(), latest, true), null);
  }

  @Test
  void tenThousandWaitingCallsSetOneAlarmAndLeaveInOrder() {
    close(2 * SECOND);
    List<Ticket> tickets = new ArrayList<>();
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Ticket ticket = enter(i, 100_000 * SECOND);
      ticket.whenReady(() -> left.add(ticket.order));
      tickets.add(ticket);
    }
    assertThat(time.alarms()).isEqualTo(1);
    while (left.size() < 300 && time.next()) {
      assertThat(time.alarms()).isLessThanOrEqualTo(1);
    }
    assertThat(left).isSorted();
    assertThat(tickets.get(0).take()).isNotNull();
  }

  @Test
  void aRetriedCallGoesToItsOldPlace() {
    close(2 * SECOND);
    Ticket later = enter(7, 100 * SECOND);
    Ticket retried = lane.enter(new Ticket(3, Cost.ONE, 100, SECOND, 100 * SECOND, true), null);
    List<Long> left = new ArrayList<>();
    later.whenReady(() -> left.add(later.order));
    retried.whenReady(() -> left.add(retried.order));
    while (left.size() < 2 && time.next()) {}
    assertThat(left).containsExactly(3L, 7L);
  }

  @Test
  void whoCannotWaitThatLongHearsSoWhenTheGateCloses() {
    close(2 * SECOND);
    Ticket ticket = enter(1, 3 * SECOND);
    assertThat(ticket.state()).isEqualTo(Ticket.State.WAITING);
    close(30 * SECOND);
    assertThat(ticket.state()).isEqualTo(Ticket.State.EXPIRED);
  }

  private static Bounds rpm(long rpm, long concurrency) {
    return new Bounds(rpm, 0, 0, 0, 0, 0, concurrency, Bounds.AUTO, Bounds.AUTO);
  }

  @Test
  void whoWaitsFollowsALimitThatIsTypedAnew() {
    lane.asked("m", "host", rpm(6, 0));
    List<Ticket> tickets = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      tickets.add(enter(i, 1_000 * SECOND));
    }
    time.pass(2 * SECOND);
    assertThat(tickets.stream().filter(t -> t.state() == Ticket.State.ADMITTED)).hasSize(6);
    lane.asked("m", "host", rpm(60, 0));
    time.pass(6 * SECOND);
    assertThat(tickets).allMatch(t -> t.state() == Ticket.State.ADMITTED);
  }

  @Test
  void aTypedNumberOfRequestsInFlightIsKeptAndAPlaceGoesToTheNextAtOnce() {
    lane.asked("m", "host", rpm(0, 2));
    Ticket first = enter(1, 100 * SECOND);
    Ticket second = enter(2, 100 * SECOND);
    Ticket third = enter(3, 100 * SECOND);
    time.pass(10 * SECOND);
    assertThat(third.state()).isEqualTo(Ticket.State.WAITING);
    lane.ended(java.util.Objects.requireNonNull(first.take()));
    assertThat(third.state()).isEqualTo(Ticket.State.ADMITTED);
    assertThat(second.state()).isEqualTo(Ticket.State.ADMITTED);
  }
}
