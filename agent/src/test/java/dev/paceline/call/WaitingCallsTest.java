package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Sharing;
import dev.paceline.limit.Cost;
import dev.paceline.words.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The orders of waiting calls; those of classes and tenants are {@link FairOrderTest}'s. */
class WaitingCallsTest {
  private final WaitingCalls waiting = new WaitingCalls(cost -> 1, ticket -> true);

  private static Ticket ticket(long order, long notBefore, int tokens) {
    return new Ticket(order, new Cost(1, tokens, 10), 0, notBefore, Long.MAX_VALUE, true);
  }

  @Test
  void withoutClassesAThousandCallsLeaveInOrderOfArrivalByTheOldCode() {
    Random random = new Random(7);
    List<Long> left = new ArrayList<>();
    long last = -1;
    long arrived = 0;
    for (long now = 0; left.size() < 1_000; now++) {
      for (int n = random.nextInt(3); n > 0 && arrived < 1_000; n--) {
        waiting.add(ticket(arrived++, now, 1 + random.nextInt(5_000)), now);
      }
      waiting.wakeUp(now);
      Ticket head = waiting.head();
      if (head != null) {
        assertThat(waiting.fair()).as("the order of classes").isNull();
        assertThat(head.order).isEqualTo(++last);
        assertThat(waiting.remove(head)).isTrue();
        left.add(head.order);
      }
    }
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void aRetryGoesToItsOldPlaceWhenItsOwnWaitIsOver() {
    waiting.add(ticket(1, 100, 10), 0);
    waiting.add(ticket(2, 0, 10), 0);
    assertThat(waiting.head()).isNotNull().extracting(head -> head.order).isEqualTo(2L);
    waiting.wakeUp(100);
    assertThat(waiting.head()).isNotNull().extracting(head -> head.order).isEqualTo(1L);
  }

  @Test
  void whenNobodyOfAClassWaitsAnyMoreTheOldOrderHoldsAgain() {
    Ticket urgent =
        new Ticket(
            2,
            Cost.ONE,
            new CallClass(Sharing.NONE, Priority.INTERACTIVE, ""),
            0,
            0,
            Long.MAX_VALUE,
            true);
    Ticket usual = ticket(1, 0, 10);
    waiting.add(usual, 0);
    waiting.add(urgent, 0);
    assertThat(waiting.head()).isSameAs(urgent);
    waiting.remove(urgent);
    waiting.remove(usual);
    assertThat(waiting.fair()).isNull();
    waiting.add(usual, 0);
    assertThat(waiting.fair()).isNull();
    assertThat(waiting.head()).isSameAs(usual);
  }
}
