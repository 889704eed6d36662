package dev.paceline.call;

import dev.paceline.limit.Cost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait in one queue, in the three orders in which they are asked for: those that may
 * leave by arrival, those whose own wait after an answer is not over by its end, and all by the
 * instant at which their wait has become too long. Ordered sets, not lists: with 10,000 waiting
 * calls every step still is a few comparisons.
 *
 * <p>From the first call on that has a class or a tenant, until nobody waits, those that may leave
 * are in {@link FairOrder} instead of in order of arrival.
 *
 * <p>Not thread-safe; its owner holds a lock.
 */
final class WaitingCalls {
  private static final Comparator<Ticket> ORDER = Comparator.comparingLong(t -> t.order);
  private static final Comparator<Ticket> NOT_BEFORE =
      Comparator.<Ticket>comparingLong(t -> t.notBefore).thenComparingLong(t -> t.order);
  private static final Comparator<Ticket> LATEST =
      Comparator.<Ticket>comparingLong(t -> t.latest).thenComparingLong(t -> t.order);

  private final TreeSet<Ticket> ready = new TreeSet<>(ORDER);
  private final TreeSet<Ticket> sleeping = new TreeSet<>(NOT_BEFORE);
  private final TreeSet<Ticket> expiring = new TreeSet<>(LATEST);
  private final ToDoubleFunction<Cost> part;
  private final FairOrder.Gate gate;
  private @Nullable FairOrder fair;
  private long requests;
  private long inputTokens;
  private long outputTokens;

  /**
   * @param part the part of a limit that a call takes
   */
  WaitingCalls(ToDoubleFunction<Cost> part, FairOrder.Gate gate) {
    this.part = part;
    this.gate = gate;
  }

  boolean isEmpty() {
    return expiring.isEmpty();
  }

  int size() {
    return expiring.size();
  }

  Iterable<Ticket> all() {
    return expiring;
  }

  void add(Ticket ticket, long now) {
    if (!ticket.kind.usual()) {
      sort();
    }
    if (ticket.notBefore - now <= 0) {
      ready(ticket);
    } else {
      sleeping.add(ticket);
    }
    expiring.add(ticket);
    requests += ticket.charge.requests();
    inputTokens += ticket.charge.inputTokens();
    outputTokens += ticket.charge.outputTokens();
  }

  /** From now on classes and tenants decide. */
  private FairOrder sort() {
    FairOrder order = fair;
    if (order == null) {
      order = new FairOrder(part, gate);
      fair = order;
      ready.forEach(order::add);
      ready.clear();
    }
    return order;
  }

  private void ready(Ticket ticket) {
    if (fair == null) {
      ready.add(ticket);
    } else {
      fair.add(ticket);
    }
  }

  /** Whether it was here. */
  boolean remove(Ticket ticket) {
    if (!expiring.remove(ticket)) {
      return false;
    }
    if (!(fair == null ? ready.remove(ticket) : fair.remove(ticket))) {
      sleeping.remove(ticket);
    }
    if (expiring.isEmpty()) {
      fair = null;
    }
    requests -= ticket.charge.requests();
    inputTokens -= ticket.charge.inputTokens();
    outputTokens -= ticket.charge.outputTokens();
    return true;
  }

  void clear() {
    ready.clear();
    fair = null;
    sleeping.clear();
    expiring.clear();
    requests = 0;
    inputTokens = 0;
    outputTokens = 0;
  }

  /** Those whose own wait is over by now may leave in their turn. */
  void wakeUp(long now) {
    while (!sleeping.isEmpty() && sleeping.first().notBefore - now <= 0) {
      ready(sleeping.pollFirst());
    }
  }

  /** How many may leave when there is room. */
  int ready() {
    return fair == null ? ready.size() : fair.size();
  }

  /** The next that may leave; null for none. */
  @Nullable Ticket head() {
    return fair != null ? fair.head() : ready.isEmpty() ? null : ready.first();
  }

  /** Those that may leave and stand behind this one, in order, at most so many. */
  List<Ticket> behind(Ticket head, int most) {
    if (fair != null) {
      return fair.behind(head, most);
    }
    List<Ticket> behind = new ArrayList<>(Math.min(most, ready.size()));
    Iterator<Ticket> next = ready.tailSet(head, false).iterator();
    while (behind.size() < most && next.hasNext()) {
      behind.add(next.next());
    }
    return behind;
  }

  /** Whether a call that comes now stands before all that may leave. */
  boolean first(Ticket ticket) {
    if (ready() == 0) {
      return true;
    }
    return fair == null && ticket.kind.usual()
        ? ticket.order < ready.first().order
        : sort().first(ticket);
  }

  /** The order of classes and tenants; null while order of arrival holds. */
  @Nullable FairOrder fair() {
    return fair;
  }

  /** Whether a call of this order of arrival stands behind all that may leave. */
  boolean last(long order) {
    return ready.isEmpty() || order > ready.last().order;
  }

  /** The one whose wait is the first to be too long; null for none. */
  @Nullable Ticket firstToExpire() {
    return expiring.isEmpty() ? null : expiring.first();
  }

  /** When the next own wait is over; {@link Long#MAX_VALUE} for none. */
  long nextWakeUp() {
    return sleeping.isEmpty() ? Long.MAX_VALUE : sleeping.first().notBefore;
  }

  long requests() {
    return requests;
  }

  long tokens() {
    return inputTokens + outputTokens;
  }

  long inputTokens() {
    return inputTokens;
  }

  long outputTokens() {
    return outputTokens;
  }
}
