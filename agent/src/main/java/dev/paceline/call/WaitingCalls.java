package dev.paceline.call;

import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait in one queue, in the three orders in which they are asked for: those that may
 * leave by arrival, those whose own wait after an answer is not over by its end, and all by the
 * instant at which their wait has become too long. Ordered sets, not lists: with 10,000 waiting
 * calls every step still is a few comparisons.
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
  private long requests;
  private long inputTokens;
  private long outputTokens;

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
    (ticket.notBefore - now <= 0 ? ready : sleeping).add(ticket);
    expiring.add(ticket);
    requests += ticket.charge.requests();
    inputTokens += ticket.charge.inputTokens();
    outputTokens += ticket.charge.outputTokens();
  }

  /** Whether it was here. */
  boolean remove(Ticket ticket) {
    if (!expiring.remove(ticket)) {
      return false;
    }
    if (!ready.remove(ticket)) {
      sleeping.remove(ticket);
    }
    requests -= ticket.charge.requests();
    inputTokens -= ticket.charge.inputTokens();
    outputTokens -= ticket.charge.outputTokens();
    return true;
  }

  void clear() {
    ready.clear();
    sleeping.clear();
    expiring.clear();
    requests = 0;
    inputTokens = 0;
    outputTokens = 0;
  }

  /** Those whose own wait is over by now may leave in their turn. */
  void wakeUp(long now) {
    while (!sleeping.isEmpty() && sleeping.first().notBefore - now <= 0) {
      ready.add(sleeping.pollFirst());
    }
  }

  /** How many may leave when there is room. */
  int ready() {
    return ready.size();
  }

  /** The next that may leave; null for none. */
  @Nullable Ticket head() {
    return ready.isEmpty() ? null : ready.first();
  }

  /** Those that may leave and stand behind this one, in order of arrival. */
  SortedSet<Ticket> behind(Ticket head) {
    return ready.tailSet(head, false);
  }

  /** Whether a call of this order of arrival stands before all that may leave. */
  boolean first(long order) {
    return ready.isEmpty() || order < ready.first().order;
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
