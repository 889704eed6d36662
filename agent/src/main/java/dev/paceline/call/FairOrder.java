package dev.paceline.call;

import dev.paceline.limit.Cost;
import dev.paceline.words.Priority;
import dev.paceline.words.WaitingShare;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The order of calls that may leave, once they differ in class or tenant.
 *
 * <p>Priorities go in order, but each lower one with calls waiting gets a part of what is served:
 * its credit grows by that part of each call of others, and a class whose credit covers its next
 * call goes first. The part grows while that call waits, so that old calls are not left behind.
 *
 * <p>Within a priority tenants share by start-time fair queueing (Goyal, Vin, Cheng: "Start-time
 * Fair Queueing", SIGCOMM 1996): the tenant with the least start tag is next, and its tag grows by
 * the call's cost over the tenant's weight. A tenant that comes starts at the tag of whoever was
 * served last: what was used while nobody waited is not held against anybody. Within a tenant calls
 * leave in order of arrival, so that a retry goes to its old place.
 *
 * <p>Not thread-safe; its owner holds a lock. It lives for as long as anybody waits.
 */
final class FairOrder {
  /** Tenants without waiting calls that are remembered, all together. */
  private static final int MOST_IDLE = 1_000;

  /** Tenants that people are shown. */
  private static final int MOST_SHOWN = 5;

  /** After so long a lower class's part doubles; after twice as long once more. */
  private static final long AGEING = 30_000_000_000L;

  private static final double MOST_BY_AGE = 0.2;

  private static final Comparator<Ticket> ORDER = Comparator.comparingLong(t -> t.order);

  /** What one sharer has waiting. */
  private static final class Flow {
    final CallClass.Sharer sharer;
    final TreeSet<Ticket> calls = new TreeSet<>(ORDER);
    double weight = 1;

    /** Start tag of its next call. */
    double start;

    /** Order of arrival of its next call, which decides between equal tags. */
    long first;

    /** Whether it is in its lane's order. */
    boolean queued;

    long requests;
    long inputTokens;
    long outputTokens;

    Flow(CallClass.Sharer sharer) {
      this.sharer = sharer;
    }
  }

  /** What waits with one priority. */
  private static final class Lane {
    final Map<CallClass.Sharer, Flow> flows = new HashMap<>();
    final TreeSet<Flow> waiting =
        new TreeSet<>(
            Comparator.<Flow>comparingDouble(flow -> flow.start)
                .thenComparingLong(flow -> flow.first));

    /** Start tag of the call that was served last. */
    double virtualTime;

    /** What it may take before more urgent ones. */
    double credit;

    double floor;

    /** Of those who have calls waiting. */
    double weights;

    int calls;
    long requests;
    long inputTokens;
    long outputTokens;

    @Nullable Ticket next() {
      return waiting.isEmpty() ? null : waiting.first().calls.first();
    }

    /** Takes it out of the order, so that what orders it may change. */
    void out(Flow flow) {
      // Not by the set's answer: one that is not in it compares equal to another by chance.
      if (flow.queued) {
        flow.queued = false;
        waiting.remove(flow);
        weights -= flow.weight;
      }
    }

    void back(Flow flow) {
      if (!flow.calls.isEmpty()) {
        flow.first = flow.calls.first().order;
        weights += flow.weight;
        flow.queued = true;
        waiting.add(flow);
      }
    }
  }

  /** What leaves before a call: requests and tokens, as far as they wait now. */
  record Ahead(long requests, long inputTokens, long outputTokens) {
    static Ahead of(Cost charge) {
      return new Ahead(charge.requests(), charge.inputTokens(), charge.outputTokens());
    }

    private Ahead plus(Ahead other) {
      return new Ahead(
          requests + other.requests,
          inputTokens + other.inputTokens,
          outputTokens + other.outputTokens);
    }

    private Ahead times(double factor) {
      return new Ahead(
          (long) (requests * factor),
          (long) (inputTokens * factor),
          (long) (outputTokens * factor));
    }

    private Ahead orLess(Ahead other) {
      return requests <= other.requests
              && inputTokens + outputTokens <= other.inputTokens + other.outputTokens
          ? this
          : other;
    }
  }

  /** What may hold back one tenant's calls, and nobody else's. */
  interface Gate {
    /** Whether the call may leave now, as far as its tenant is concerned. */
    boolean open(Ticket ticket);
  }

  private final Lane[] lanes = new Lane[Priority.count()];
  private final ToDoubleFunction<Cost> cost;
  private final Gate gate;
  private int size;

  /**
   * @param cost the part of a limit that a call takes, above 0
   */
  FairOrder(ToDoubleFunction<Cost> cost, Gate gate) {
    this.cost = cost;
    this.gate = gate;
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new Lane();
    }
  }

  int size() {
    return size;
  }

  void add(Ticket ticket) {
    Lane lane = lane(ticket);
    Flow flow = lane.flows.computeIfAbsent(ticket.kind.sharer(), Flow::new);
    if (flow.calls.isEmpty()) {
      flow.start = Math.max(flow.start, lane.virtualTime);
    }
    lane.out(flow);
    flow.weight = ticket.kind.sharing().weight();
    lane.floor = lane == lanes[0] ? 0 : ticket.kind.sharing().floor();
    if (flow.calls.add(ticket)) {
      count(lane, flow, ticket, 1);
    }
    lane.back(flow);
  }

  /** Whether it was here. */
  boolean remove(Ticket ticket) {
    Lane lane = lane(ticket);
    Flow flow = lane.flows.get(ticket.kind.sharer());
    if (flow == null || !flow.calls.contains(ticket)) {
      return false;
    }
    lane.out(flow);
    flow.calls.remove(ticket);
    count(lane, flow, ticket, -1);
    lane.back(flow);
    if (lane.waiting.isEmpty()) {
      // All have been served: who comes now begins with those that come with it.
      lane.flows.clear();
      lane.virtualTime = 0;
      lane.credit = 0;
      lane.weights = 0;
    } else if (flow.calls.isEmpty() && lane.flows.size() - lane.waiting.size() > MOST_IDLE) {
      lane.flows.values().removeIf(idle -> idle.calls.isEmpty());
    }
    return true;
  }

  private void count(Lane lane, Flow flow, Ticket ticket, int sign) {
    size += sign;
    lane.calls += sign;
    lane.requests += (long) sign * ticket.charge.requests();
    lane.inputTokens += sign * ticket.charge.inputTokens();
    lane.outputTokens += sign * ticket.charge.outputTokens();
    flow.requests += (long) sign * ticket.charge.requests();
    flow.inputTokens += sign * ticket.charge.inputTokens();
    flow.outputTokens += sign * ticket.charge.outputTokens();
  }

  private Lane lane(Ticket ticket) {
    return lanes[ticket.kind.priority().ordinal()];
  }

  /** The next of those whose tenants may send; null for none. */
  private @Nullable Ticket open(Lane lane) {
    for (Flow flow : lane.waiting) {
      Ticket next = flow.calls.first();
      if (gate.open(next)) {
        return next;
      }
    }
    return null;
  }

  /** The next calls of those whose tenants may not send. */
  List<Ticket> closed() {
    List<Ticket> closed = new ArrayList<>(0);
    for (Lane lane : lanes) {
      for (Flow flow : lane.waiting) {
        if (!gate.open(flow.calls.first())) {
          closed.add(flow.calls.first());
        }
      }
    }
    return closed;
  }

  /** The call that leaves next; null for none. */
  @Nullable Ticket head() {
    Ticket urgent = null;
    for (Lane lane : lanes) {
      Ticket next = open(lane);
      if (next != null && urgent == null) {
        urgent = next;
      } else if (next != null && lane.credit >= cost.applyAsDouble(next.charge)) {
        return next;
      }
    }
    return urgent;
  }

  /** Whether a call that is not here yet would leave before all that are. */
  boolean first(Ticket ticket) {
    add(ticket);
    boolean first = head() == ticket;
    remove(ticket);
    return first;
  }

  /** A call that is here leaves now, and is removed next. */
  void served(Ticket ticket, long now) {
    Lane own = lane(ticket);
    double taken = cost.applyAsDouble(ticket.charge);
    Flow flow = own.flows.get(ticket.kind.sharer());
    if (flow != null) {
      own.out(flow);
      own.virtualTime = Math.max(own.virtualTime, flow.start);
      flow.start += taken / flow.weight;
      own.back(flow);
    }
    for (Lane lane : lanes) {
      Ticket next = lane.next();
      if (next != null) {
        double part = part(lane, now - next.since);
        double most = Math.max(2 * cost.applyAsDouble(next.charge), taken);
        double more = part * taken - (lane == own ? taken : 0);
        lane.credit = Math.max(0, Math.min(most, lane.credit + more));
      }
    }
  }

  private static double part(Lane lane, long waited) {
    double aged = waited < AGEING ? 1 : waited < 2 * AGEING ? 2 : 4;
    return Math.max(lane.floor, Math.min(MOST_BY_AGE, aged * lane.floor));
  }

  /** Those that follow the head, at most so many: the next of each tenant. */
  List<Ticket> behind(Ticket head, int most) {
    List<Ticket> behind = new ArrayList<>(most);
    for (Lane lane : lanes) {
      for (Flow flow : lane.waiting) {
        for (Ticket next : flow.calls) {
          if (next != head) {
            if (behind.size() == most) {
              return behind;
            }
            behind.add(next);
            break;
          }
        }
      }
    }
    return behind;
  }

  /** Whether any call that matters more than this one may leave. */
  boolean anyAbove(Ticket ticket) {
    for (int i = 0; i < ticket.kind.priority().ordinal(); i++) {
      if (open(lanes[i]) != null) {
        return true;
      }
    }
    return false;
  }

  /**
   * What probably leaves before a call that comes now: all that matters more, or what its class's
   * part leaves; within its class all, or its own tenant's calls and as much of each other one's.
   */
  Ahead ahead(Ticket ticket) {
    Lane own = lane(ticket);
    Ahead above = new Ahead(0, 0, 0);
    for (int i = 0; i < ticket.kind.priority().ordinal(); i++) {
      above = above.plus(new Ahead(lanes[i].requests, lanes[i].inputTokens, lanes[i].outputTokens));
    }
    Flow flow = own.flows.get(ticket.kind.sharer());
    Ahead mine = Ahead.of(ticket.charge);
    Ahead all = new Ahead(own.requests, own.inputTokens, own.outputTokens).plus(mine);
    double others = own.weights;
    if (flow != null) {
      others -= flow.calls.isEmpty() ? 0 : flow.weight;
      mine = ofTenant(ticket);
    }
    Ahead fair = mine.times(1 + Math.max(0, others) / ticket.kind.sharing().weight()).orLess(all);
    double floor = ticket.kind.sharing().floor();
    Ahead inOrder = above.plus(fair);
    return floor <= 0 ? inOrder : fair.times(1 / floor).orLess(inOrder);
  }

  /** What its own tenant has waiting, this call included. */
  Ahead ofTenant(Ticket ticket) {
    Ahead mine = Ahead.of(ticket.charge);
    Flow flow = lane(ticket).flows.get(ticket.kind.sharer());
    return flow == null
        ? mine
        : mine.plus(new Ahead(flow.requests, flow.inputTokens, flow.outputTokens));
  }

  /** How many wait with each priority. */
  List<WaitingShare> byPriority() {
    List<WaitingShare> shares = new ArrayList<>(lanes.length);
    for (Priority priority : Priority.values()) {
      shares.add(new WaitingShare(priority.tag(), lanes[priority.ordinal()].calls));
    }
    return shares;
  }

  /**
   * The tenants with most calls waiting, a few.
   *
   * @param label what a tenant is called
   */
  List<WaitingShare> topTenants(UnaryOperator<String> label) {
    Map<String, Integer> tenants = new HashMap<>();
    for (Lane lane : lanes) {
      for (Flow flow : lane.waiting) {
        if (!flow.sharer.tenant().isEmpty()) {
          tenants.merge(flow.sharer.tenant(), flow.calls.size(), Integer::sum);
        }
      }
    }
    return tenants.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(MOST_SHOWN)
        .map(entry -> new WaitingShare(label.apply(entry.getKey()), entry.getValue()))
        .toList();
  }
}
