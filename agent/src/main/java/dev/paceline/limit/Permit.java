package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request on the wire, as its budget remembers it until it ends. Belongs to the budget; others
 * only carry it.
 */
public final class Permit {
  /** In which of three ways a permit is released, exactly once. */
  enum Release {
    /** The call was admitted, whatever its answer says. */
    SERVED,
    /** A limit refused it. */
    REJECTED,
    /** Nothing was heard of it: it may have been counted. */
    UNKNOWN
  }

  /** Nanoseconds over which {@link #recentSends} are counted. */
  private static final long RECENT_NANOS = Exact.SECOND / 2;

  final long sent;
  final Cost charge;

  /** Attempts of the scope in flight when this one left, itself not counted. */
  final int inFlight;

  /** Attempts sent in the half second that ends with this one, itself counted. */
  final int recentSends;

  /** Running totals of all that was sent, this one included. */
  final long requests;

  final long inputTokens;
  final long outputTokens;

  /** The buckets' own parts and generations when this one had left, by the bucket's index. */
  final long[] own;

  final int[] generation;

  /** When it really left; later than {@link #sent} where the client queues it once more. */
  long departed;

  /** What its answer showed to be left, by the bucket's index; -1 for nothing. */
  final long[] remainingSeen;

  /** The limiter that let it leave. */
  final ScopeLimiter issuer;

  private @Nullable Release release;

  boolean ended;

  /** Whether it holds a place of a typed limit on requests in flight. */
  boolean counted;

  /** Whether its output was corrected to what it was. */
  boolean outputReconciled;

  /** Whether slow start still counts it as unheard of. */
  boolean open = true;

  /**
   * @param inFlight permits in flight, itself not counted
   * @param log of all that was sent, this one included
   * @param own every limit's own part when it had left, and its generation
   */
  Permit(
      long sent,
      Cost charge,
      int inFlight,
      SendLog log,
      long[] own,
      int[] generation,
      ScopeLimiter issuer) {
    this.sent = sent;
    this.departed = sent;
    this.charge = charge;
    this.inFlight = inFlight;
    this.recentSends = (int) (log.requests() - log.upTo(sent - RECENT_NANOS, Limit.RPM));
    this.requests = log.requests();
    this.inputTokens = log.inputTokens();
    this.outputTokens = log.outputTokens();
    this.own = own;
    this.generation = generation;
    this.issuer = issuer;
    this.remainingSeen = new long[own.length];
    Arrays.fill(remainingSeen, -1);
  }

  /**
   * Releases it.
   *
   * @return false, and nothing changes, when it was released before
   */
  boolean release(Release how) {
    if (release != null) {
      return false;
    }
    release = how;
    return true;
  }

  /** Whether it was released, in whatever way. */
  boolean released() {
    return release != null;
  }

  /** Whether it leaves so late that {@link ScopeLimiter#departed} must know. */
  public boolean late(long now) {
    return now - sent >= ScopeLimiter.LATE;
  }

  long total(Limit limit) {
    return Cost.of(limit, requests, inputTokens, outputTokens);
  }
}
