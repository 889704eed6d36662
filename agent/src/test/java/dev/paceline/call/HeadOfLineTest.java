package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One large prompt in front of small ones; 60,000 tokens a minute, a tenth of them left. */
class HeadOfLineTest {
  private static final long SECOND = VirtualTime.SECOND;
  private static final long MILLI = VirtualTime.MILLI;
  private static final Cost SMALL = new Cost(1, 100, 0);
  private static final Cost LARGE = new Cost(1, 55_000, 0);

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
  private long order;

  HeadOfLineTest() {
    long left = 8_000;
    for (int i = 0; i < 20; i++) {
      Permit attempt = lane.sent(SMALL);
      time.pass(20 * MILLI);
      left -= 80;
      lane.answered(
          attempt,
          List.of(new LimitReading(Limit.TPM, 60_000, left, 60_000 - left, 60_000)),
          null,
          0,
          SECOND,
          60 * SECOND,
          0.5);
      lane.ended(attempt);
    }
    time.pass(100 * MILLI);
  }

  private Ticket enter(Cost charge, long mostWait) {
    return lane.enter(
        new Ticket(order++, charge, 1, time.nanos(), time.nanos() + mostWait, true), null);
  }

  private long leaves(Ticket ticket) {
    while (ticket.state() == Ticket.State.WAITING) {
      assertThat(time.next()).isTrue();
    }
    return time.nanos();
  }

  private long alone() {
    HeadOfLineTest other = new HeadOfLineTest();
    long began = other.time.nanos();
    return other.leaves(other.enter(LARGE, 1_000 * SECOND)) - began;
  }

  @Test
  void smallCallsPassALargeOneThatWaitsForItsTokens() {
    long began = time.nanos();
    Ticket large = enter(LARGE, 1_000 * SECOND);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      long at = time.nanos();
      Ticket small = enter(SMALL, 60 * SECOND);
      small.whenReady(() -> waits.add(time.nanos() - at));
      time.pass(200 * MILLI);
    }
    assertThat(waits).as("of small ones that are through").hasSizeGreaterThanOrEqualTo(48);
    assertThat(waits).allMatch(wait -> wait < 2 * SECOND);
    assertThat(leaves(large) - began).as("the large one").isLessThan(alone() * 5 / 4);
  }

  @Test
  void aStreamOfSmallCallsDoesNotKeepTheLargeOneWaitingForEver() {
    long began = time.nanos();
    Ticket large = enter(LARGE, 1_000 * SECOND);
    for (int i = 0; i < 2_000 && large.state() == Ticket.State.WAITING; i++) {
      enter(SMALL, 1_000 * SECOND);
      time.pass(100 * MILLI);
    }
    assertThat(large.state()).isEqualTo(Ticket.State.ADMITTED);
    assertThat(time.nanos() - began).isLessThan(alone() * 4 / 3);
  }

  @Test
  void theLargeOneIsNotMadeTooLate() {
    long began = time.nanos();
    Ticket large = enter(LARGE, alone() + SECOND);
    for (int i = 0; i < 100 && large.state() == Ticket.State.WAITING; i++) {
      enter(SMALL, 1_000 * SECOND);
      time.pass(100 * MILLI);
    }
    leaves(large);
    assertThat(large.state()).isEqualTo(Ticket.State.ADMITTED);
    assertThat(time.nanos() - began).isLessThan(alone() + SECOND);
  }

  @Test
  void callsOfAboutOneSizeKeepTheirOrder() {
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Ticket ticket = enter(new Cost(1, i % 2 == 0 ? 3_000 : 1_000, 0), 1_000 * SECOND);
      ticket.whenReady(() -> left.add(ticket.order));
      time.pass(10 * MILLI);
    }
    while (left.size() < 40 && time.next()) {}
    assertThat(left).hasSize(40).isSorted();
  }
}
