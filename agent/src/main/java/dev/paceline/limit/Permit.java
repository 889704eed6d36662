package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request on the wire, as its budget remembers it until it ends. Belongs to the budget; others
 * only carry it.
 */
public final class Permit {
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

  /** The buckets, as bits by their index, that had room for it when it left. */
  long fitted;

  /** What its answer showed to be left, by the bucket's index; -1 for nothing. */
  final long[] shown;

  /** The budget that let it leave; null for none. */
  @Nullable ScopeLimiter maker;

  boolean answered;
  boolean ended;

  /** Whether it holds a place of a typed limit on requests in flight. */
  boolean counted;

  /** Whether its output was corrected to what it was. */
  boolean settled;

  /** Whether slow start still counts it as unheard of. */
  boolean open = true;

  Permit(
      long sent,
      Cost charge,
      int inFlight,
      int recentSends,
      SendLog log,
      long[] own,
      int[] generation) {
    this.sent = sent;
    this.departed = sent;
    this.charge = charge;
    this.inFlight = inFlight;
    this.recentSends = recentSends;
    this.requests = log.requests();
    this.inputTokens = log.inputTokens();
    this.outputTokens = log.outputTokens();
    this.own = own;
    this.generation = generation;
    this.shown = new long[own.length];
    Arrays.fill(shown, -1);
  }

  /** Whether it leaves so late that {@link ScopeLimiter#departed} must know. */
  public boolean late(long now) {
    return now - sent >= ScopeLimiter.LATE;
  }

  long total(Limit limit) {
    return Cost.of(limit, requests, inputTokens, outputTokens);
  }
}
