package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.Sharing;
import dev.paceline.limit.Cost;
import dev.paceline.words.Priority;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who goes next, of calls that may all leave. */
class FairOrderTest {
  private static final long SECOND = VirtualTime.SECOND;
  private final FairOrder order =
      new FairOrder(cost -> Math.max(1, cost.inputTokens()) / 1_000.0, ticket -> true);
  private long number;

  private static CallClass kind(Priority priority, String tenant, double weight) {
    String group = weight == 1 ? "" : "heavy";
    return new CallClass(
        new Sharing(priority, weight, group, 0, 0.05, Bounds.NONE, ""), priority, tenant);
  }

  private Ticket add(CallClass kind, long tokens) {
    Ticket ticket = new Ticket(number++, new Cost(1, tokens, 0), kind, 0, 0, 100 * SECOND, true);
    order.add(ticket);
    return ticket;
  }

  private Ticket serve(long now) {
    Ticket head = order.head();
    if (head == null) {
      throw new AssertionError("nobody is next");
    }
    order.served(head, now);
    order.remove(head);
    return head;
  }

  @Test
  void prioritiesGoInOrder() {
    Ticket background = add(kind(Priority.BACKGROUND, "", 1), 100);
    Ticket normal = add(kind(Priority.NORMAL, "", 1), 100);
    Ticket interactive = add(kind(Priority.INTERACTIVE, "", 1), 100);
    assertThat(List.of(serve(0), serve(0), serve(0)))
        .containsExactly(interactive, normal, background);
    assertThat(order.head()).isNull();
  }

  @Test
  void eachLowerClassGetsItsPartOfAFlood() {
    for (int i = 0; i < 1_000; i++) {
      add(kind(Priority.INTERACTIVE, "", 1), 100);
      add(kind(Priority.NORMAL, "", 1), 100);
      add(kind(Priority.BACKGROUND, "", 1), 100);
    }
    Map<Priority, Integer> served = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      served.merge(serve(0).kind.priority(), 1, Integer::sum);
    }
    assertThat(served.get(Priority.NORMAL)).isBetween(48, 52);
    assertThat(served.get(Priority.BACKGROUND)).isBetween(48, 52);
  }

  @Test
  void thePartGrowsWithTheWaitAndIsBounded() {
    for (int i = 0; i < 1_000; i++) {
      add(kind(Priority.INTERACTIVE, "", 1), 100);
      add(kind(Priority.BACKGROUND, "", 1), 100);
    }
    long background = 0;
    for (int i = 0; i < 1_000; i++) {
      background += serve(70 * SECOND).kind.priority() == Priority.BACKGROUND ? 1 : 0;
    }
    assertThat(background).isBetween(190L, 210L);
  }

  @Test
  void tenantsShareByCostNotByCalls() {
    for (int i = 0; i < 2_000; i++) {
      add(kind(Priority.NORMAL, "large", 1), 2_000);
      add(kind(Priority.NORMAL, "small", 1), 100);
    }
    Map<String, Long> tokens = new HashMap<>();
    for (int i = 0; i < 1_050; i++) {
      Ticket next = serve(0);
      tokens.merge(next.kind.tenant(), next.charge.inputTokens(), Long::sum);
    }
    assertThat(tokens.get("small")).isCloseTo(tokens.get("large"), within(4_000));
  }

  private static org.assertj.core.data.Offset<Long> within(long tokens) {
    return org.assertj.core.data.Offset.offset(tokens);
  }

  @Test
  void aWeightIsAMultipleOfTheOthersShare() {
    for (int i = 0; i < 400; i++) {
      add(kind(Priority.NORMAL, "a", 3), 100);
      add(kind(Priority.NORMAL, "b", 1), 100);
    }
    long heavy = 0;
    for (int i = 0; i < 400; i++) {
      heavy += serve(0).kind.tenant().equals("a") ? 1 : 0;
    }
    assertThat(heavy).isBetween(298L, 302L);
  }

  @Test
  void aTenantThatComesWaitsForOneCallOfEachOtherAtMost() {
    for (int i = 0; i < 500; i++) {
      add(kind(Priority.NORMAL, "t" + i % 5, 1), 100);
    }
    for (int i = 0; i < 200; i++) {
      serve(0);
    }
    Ticket late = add(kind(Priority.NORMAL, "late", 1), 100);
    int before = 0;
    while (serve(0) != late) {
      before++;
    }
    assertThat(before).isLessThanOrEqualTo(5);
  }

  @Test
  void whatWasUsedWhileNobodyWaitedIsNotHeldAgainstAnybody() {
    for (int i = 0; i < 100; i++) {
      add(kind(Priority.NORMAL, "early", 1), 5_000);
      serve(0);
    }
    add(kind(Priority.NORMAL, "early", 1), 100);
    add(kind(Priority.NORMAL, "late", 1), 100);
    assertThat(serve(0).kind.tenant()).isEqualTo("early");
  }

  @Test
  void withinATenantCallsLeaveInOrderAndARetryGoesToItsOldPlace() {
    Ticket first = add(kind(Priority.NORMAL, "a", 1), 100);
    Ticket second = add(kind(Priority.NORMAL, "a", 1), 100);
    Ticket other = add(kind(Priority.NORMAL, "b", 1), 100);
    order.served(first, 0);
    order.remove(first);
    Ticket retried = new Ticket(first.order, first.charge, first.kind, 0, 0, SECOND, true);
    order.add(retried);
    assertThat(List.of(serve(0), serve(0), serve(0))).containsExactly(other, retried, second);
  }

  @Test
  void aTenantThatComesTakesNobodysPlace() {
    Ticket first = add(kind(Priority.NORMAL, "a", 1), 100);
    Ticket second = add(kind(Priority.NORMAL, "b", 1), 100);
    assertThat(List.of(serve(0), serve(0))).containsExactly(first, second);
  }

  @Test
  void whatComesFirstIsToldWithoutChangingTheOrder() {
    add(kind(Priority.NORMAL, "a", 1), 100);
    Ticket urgent = new Ticket(99, Cost.ONE, kind(Priority.INTERACTIVE, "", 1), 0, 0, 1, true);
    Ticket slow = new Ticket(98, Cost.ONE, kind(Priority.BACKGROUND, "", 1), 0, 0, 1, true);
    assertThat(order.first(urgent)).isTrue();
    assertThat(order.first(slow)).isFalse();
    assertThat(order.size()).isEqualTo(1);
  }

  @Test
  void aCallOfAFloodedLowerClassIsNotPredictedToWaitForTheWholeFlood() {
    for (int i = 0; i < 10_000; i++) {
      add(kind(Priority.INTERACTIVE, "", 1), 100);
    }
    Ticket background =
        new Ticket(number, new Cost(1, 100, 0), kind(Priority.BACKGROUND, "", 1), 0, 0, 1, true);
    assertThat(order.ahead(background).requests()).isEqualTo(20);
    Ticket interactive =
        new Ticket(number, new Cost(1, 100, 0), kind(Priority.INTERACTIVE, "", 1), 0, 0, 1, true);
    assertThat(order.ahead(interactive).requests()).isEqualTo(10_001);
  }

  /**
   * Some calls of any class and tenant wait; from then on more urgent ones, and ones of other
   * tenants, come as fast as calls are served. Each of those that waited is served in the end.
   */
  @Test
  void nobodyStarvesInTenThousandRandomRuns() {
    int longest = 0;
    for (int seed = 0; seed < 10_000; seed++) {
      longest = Math.max(longest, starve(new SplittableRandom(seed)));
    }
    System.out.printf("longest wait in 10,000 random runs: %d calls served before%n", longest);
    assertThat(longest).isGreaterThan(100);
  }

  private static int starve(SplittableRandom random) {
    FairOrder order =
        new FairOrder(cost -> Math.max(1, cost.inputTokens()) / 100.0, ticket -> true);
    Set<Ticket> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
    long number = 0;
    int flood = 1 + random.nextInt(5);
    for (int i = 2 + random.nextInt(6); i > 0; i--) {
      Priority priority = Priority.values()[random.nextInt(3)];
      CallClass kind = kind(priority, "t" + random.nextInt(3), 1 + random.nextInt(3));
      Ticket ticket =
          new Ticket(number++, new Cost(1, 1 + random.nextInt(4), 0), kind, 0, 0, 1, true);
      order.add(ticket);
      waiting.add(ticket);
    }
    int served = 0;
    while (!waiting.isEmpty()) {
      // Two come for each that is served.
      for (int i = 0; i < 2; i++) {
        Priority priority = Priority.values()[random.nextInt(2)];
        CallClass kind = kind(priority, "flood" + random.nextInt(flood), 3);
        order.add(new Ticket(number++, new Cost(1, 1 + random.nextInt(4), 0), kind, 0, 0, 1, true));
      }
      Ticket head = order.head();
      if (head == null) {
        throw new AssertionError("nobody is next");
      }
      order.served(head, 0); // no time passes: the floor alone serves them
      order.remove(head);
      waiting.remove(head);
      if (++served > 5_000) {
        throw new AssertionError(waiting.size() + " starve");
      }
    }
    return served;
  }
}
