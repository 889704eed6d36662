package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Two keys of one organisation draw on one limit; only the answers tell. */
class OrganisationsTest {
  private final TestCalls test = new TestCalls();
  private int calls;

  private CallExecution begin(String key) {
    return test.begin(
        "{\"model\":\"gpt-4o\",\"n\":" + calls++ + "}",
        Map.of("Authorization", "Bearer sk-fake-" + key),
        RequestInfo.NO_DEADLINE,
        true,
        null);
  }

  private static Headers says(String organisation, int limit, int remaining) {
    Map<String, String> headers = new HashMap<>();
    headers.put("openai-organization", organisation);
    headers.put("x-ratelimit-limit-requests", "" + limit);
    headers.put("x-ratelimit-remaining-requests", "" + remaining);
    headers.put("x-ratelimit-reset-requests", (limit - remaining) * 60_000 / limit + "ms");
    return TestCalls.headers(headers);
  }

  private void serve(String key, String organisation, int limit, int remaining) {
    CallExecution course = begin(key);
    Step step = course.start();
    if (step instanceof Step.Wait) {
      step = test.ride(course, step);
    }
    assertThat(step).isInstanceOf(Step.Send.class);
    test.time.pass(SECOND / 10);
    course.served(200, says(organisation, limit, remaining), 0);
  }

  @Test
  void twoKeysOfOneOrganisationShareOneBudget() {
    serve("a", "org-1", 60, 59);
    assertThat(test.calls.view()).hasSize(1);
    serve("b", "org-1", 60, 58);
    assertThat(test.calls.view()).hasSize(1);

    CallExecution limitedCall = begin("a");
    limitedCall.start();
    assertThat(limitedCall.answered(limited("5"), 0)).isInstanceOf(Step.Wait.class);
    assertThat(begin("b").start())
        .as("the gate of one is the gate of both")
        .isInstanceOf(Step.Wait.class);
    assertThat(test.calls.view()).singleElement().extracting(QueueView::waiting).isEqualTo(2);
  }

  @Test
  void keysOfOtherOrganisationsStayApart() {
    serve("a", "org-1", 60, 59);
    serve("b", "org-2", 60, 59);
    CallExecution limitedCall = begin("a");
    limitedCall.start();
    limitedCall.answered(limited("5"), 0);
    assertThat(begin("b").start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void whoWaitsMovesAndLeavesInOrderOfArrival() {
    serve("a", "org-1", 60, 59);
    CallExecution open = begin("b");
    open.start();
    CallExecution closing = begin("b");
    closing.start();
    Step.Wait retry = (Step.Wait) closing.answered(limited("2"), 0);
    List<CallExecution> courses = new ArrayList<>();
    List<Ticket> tickets = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      CallExecution course = begin("b");
      Ticket ticket = ((Step.Wait) course.start()).ticket();
      int number = i;
      ticket.whenReady(() -> left.add(number));
      courses.add(course);
      tickets.add(ticket);
    }
    open.served(200, says("org-1", 60, 50), 0);
    assertThat(test.calls.view()).singleElement().extracting(QueueView::waiting).isEqualTo(7);
    assertThat(test.time.alarms()).isEqualTo(1);

    Ticket cancelled = tickets.remove(3);
    cancelled.cancel();
    assertThat(test.calls.view()).singleElement().extracting(QueueView::waiting).isEqualTo(6);
    test.time.pass(30 * SECOND);
    assertThat(left).containsExactly(3, 0, 1, 2, 4, 5);
    assertThat(tickets).allMatch(ticket -> ticket.state() == Ticket.State.ADMITTED);
    assertThat(retry.ticket().state()).isEqualTo(Ticket.State.ADMITTED);
    assertThat(test.time.alarms()).isZero();
  }

  @Test
  void aLimitThatIsMetByACallOnTheWayWhenItsScopeJoinedClosesTheGateOfAll() {
    serve("a", "org-1", 60, 59);
    CallExecution onTheWay = begin("b");
    onTheWay.start();
    serve("b", "org-1", 60, 58);
    assertThat(onTheWay.answered(limited("5"), 0)).isInstanceOf(Step.Wait.class);
    assertThat(begin("a").start()).isInstanceOf(Step.Wait.class);
    assertThat(begin("b").start()).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aScopeThatNamesTwoOrganisationsStandsAloneFromThenOn() {
    serve("a", "org-1", 60, 59);
    serve("gateway", "org-1", 60, 58);
    assertThat(test.calls.view()).hasSize(1);
    serve("gateway", "org-2", 60, 58);
    assertThat(test.calls.view()).hasSize(2);
    serve("gateway", "org-1", 60, 57);
    assertThat(test.calls.view()).hasSize(2);
  }

  @Test
  void whoJoinedAFirstThatTurnsOutToBeTwoFindsEachOtherAgain() {
    serve("gateway", "org-1", 60, 59);
    serve("a", "org-1", 60, 58);
    serve("b", "org-1", 60, 57);
    serve("gateway", "org-2", 60, 59);
    assertThat(test.calls.view()).hasSize(3);
    serve("a", "org-1", 60, 56);
    serve("b", "org-1", 60, 55);
    assertThat(test.calls.view()).hasSize(2);
  }

  @Test
  void keysWithLimitsOfTheirOwnStayApartInOneOrganisation() {
    serve("a", "org-1", 60, 59);
    serve("b", "org-1", 600, 599);
    assertThat(test.calls.view()).hasSize(2);
    serve("c", "org-1", 60, 58);
    assertThat(test.calls.view()).hasSize(2);
    // The limit of c alone is raised: it parts, and the others hear nothing of it.
    serve("c", "org-1", 120, 119);
    assertThat(test.calls.view()).hasSize(3);
    test.time.pass(61 * SECOND);
    serve("c", "org-1", 60, 58);
    assertThat(test.calls.view()).hasSize(2);
  }

  @Test
  void anAttemptIsEndedWhereItBeganHoweverItsScopeHasMoved() {
    serve("a", "org-1", 60, 59);
    serve("b", "org-1", 60, 58);
    CallExecution onTheWay = begin("b");
    onTheWay.start();
    serve("b", "org-2", 60, 58);
    onTheWay.served(200, says("org-2", 60, 57), 0);
    assertThat(test.events).noneMatch(event -> event.startsWith("fault"));
    test.time.pass(120 * SECOND);
    assertThat(test.calls.idle()).isTrue();
  }

  @Test
  void nothingIsLostWhenScopesJoinAndPartWhileCallsComeAndGo() throws Exception {
    AtomicLong now = new AtomicLong();
    Clock clock =
        new Clock() {
          @Override
          public long nanos() {
            return now.get();
          }

          @Override
          public long epochMillis() {
            return 0;
          }
        };
    QueueCapacity room = new QueueCapacity(test.policies);
    List<ScopeHandle> lanes = new ArrayList<>();
    for (String owner : List.of("first", "joiner")) {
      ScopeHandle lane =
          new ScopeHandle(
              new Scope("openai", owner, "m"),
              clock,
              (at, task) -> () -> {},
              room,
              new Ledger(),
              fault -> {
                throw new AssertionError(fault);
              });
      Permit attempt = lane.sent(Cost.ONE);
      lane.answered(attempt, List.of(), Limit.RPM, 5 * SECOND, SECOND, 60 * SECOND, 0.5);
      lane.ended(attempt);
      lanes.add(lane);
    }
    ScopeHandle first = lanes.get(0);
    ScopeHandle joiner = lanes.get(1);
    AtomicLong order = new AtomicLong();
    Queue<Ticket> tickets = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ScopeHandle mine = lanes.get(i % 2);
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < 2_000; n++) {
                  Ticket ticket =
                      mine.enter(
                          new Ticket(
                              order.getAndIncrement(), Cost.ONE, 10, now.get(), 60 * SECOND, true),
                          null);
                  tickets.add(ticket);
                  if (n % 3 == 0) {
                    ticket.cancel();
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (int n = 0; n < 2_000; n++) {
      joiner.join(first);
      joiner.part();
    }
    for (Thread thread : threads) {
      thread.join(30_000);
      assertThat(thread.isAlive()).isFalse();
    }
    joiner.join(first);
    assertThat(tickets).hasSize(8_000);
    assertThat(room.calls())
        .isEqualTo((int) tickets.stream().filter(t -> t.state() == Ticket.State.WAITING).count());
    first.release();
    assertThat(tickets).noneMatch(ticket -> ticket.state() == Ticket.State.WAITING);
    assertThat(room.calls()).isZero();
    assertThat(room.bytes()).isZero();
  }
}
