package dev.paceline.sim;

import dev.paceline.words.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One limit of a provider and how it is counted. Immutable; the {@code with…} methods make changed
 * copies.
 *
 * @param kind how it is counted
 * @param limit which limit it is; token limits charge a request's tokens, all others 1
 * @param amount units a window (or places at the same time), positive
 * @param windowNanos length of the window, at least 1 ms; for concurrency of no meaning
 * @param burst what a continuous bucket holds when full; elsewhere the amount
 * @param initial units there at the start, 0–burst
 * @param hidden enforced, but in no header
 * @param chargeRejected a rejected request is charged too (OpenAI says so of its own limits)
 * @param slice the limit is enforced in short slices as well
 * @param changes the amount changes at these times
 * @param neighbour somebody else draws on it
 */
public record LimitRule(
    Kind kind,
    Limit limit,
    long amount,
    long windowNanos,
    long burst,
    long initial,
    boolean hidden,
    boolean chargeRejected,
    Optional<Slice> slice,
    List<Change> changes,
    Optional<Neighbour> neighbour) {

  /** How a limit is counted. */
  public enum Kind {
    /** Refilled without pause. */
    CONTINUOUS,
    /** A counter set back at every multiple of the window since the origin. */
    FIXED,
    /** What was charged during the last window. */
    ROLLING,
    /** Requests in flight. */
    CONCURRENCY
  }

  /**
   * The same rate enforced over a shorter time, unseen in headers.
   *
   * @param nanos its length
   * @param aligned counted in aligned windows; otherwise as a bucket that holds one slice's worth
   */
  public record Slice(long nanos, boolean aligned) {}

  /**
   * The limit changes while the model runs.
   *
   * @param atNanos since the origin
   * @param amount the new units a window, positive
   */
  public record Change(long atNanos, long amount) {}

  public LimitRule {
    changes = List.copyOf(changes);
    if (amount <= 0 || burst <= 0 || initial < 0 || initial > burst || windowNanos < 1_000_000) {
      throw new IllegalArgumentException(
          "amount and burst must be positive, 0 <= initial <= burst, window >= 1 ms: "
              + amount
              + ", "
              + burst
              + ", "
              + initial
              + ", "
              + windowNanos);
    }
    long last = Long.MIN_VALUE;
    for (Change change : changes) {
      if (change.amount <= 0 || change.atNanos < last) {
        throw new IllegalArgumentException(
            "changes must be in order of time and positive: " + changes);
      }
      last = change.atNanos;
    }
  }

  private static LimitRule of(Kind kind, Limit limit, long amount, Duration window) {
    return new LimitRule(
        kind,
        limit,
        amount,
        window.toNanos(),
        amount,
        amount,
        false,
        false,
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  /** A bucket that holds one window's worth and is refilled without pause. */
  public static LimitRule continuous(Limit limit, long amount, Duration window) {
    return of(Kind.CONTINUOUS, limit, amount, window);
  }

  /** A counter set back at every multiple of the window since the origin. */
  public static LimitRule fixed(Limit limit, long amount, Duration window) {
    return of(Kind.FIXED, limit, amount, window);
  }

  /** Never more than the amount within any span of the window's length. */
  public static LimitRule rolling(Limit limit, long amount, Duration window) {
    return of(Kind.ROLLING, limit, amount, window);
  }

  /** At most that many requests at the same time; in no header. */
  public static LimitRule concurrency(long places) {
    return of(Kind.CONCURRENCY, Limit.CONCURRENCY, places, Duration.ofSeconds(1)).asHidden();
  }

  /**
   * A bucket that holds something else than one window's worth, full at the start. Only {@link
   * Kind#CONTINUOUS} has one.
   */
  public LimitRule withBurst(long units) {
    if (kind != Kind.CONTINUOUS) {
      throw new IllegalStateException("only a continuous bucket has a burst: " + kind);
    }
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        units,
        units,
        hidden,
        chargeRejected,
        slice,
        changes,
        neighbour);
  }

  /** Starts partly used: that many units are left at the origin. */
  public LimitRule withInitial(long units) {
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        burst,
        units,
        hidden,
        chargeRejected,
        slice,
        changes,
        neighbour);
  }

  /** Enforced, but in no header. */
  public LimitRule asHidden() {
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        burst,
        initial,
        true,
        chargeRejected,
        slice,
        changes,
        neighbour);
  }

  /**
   * Rejected requests are charged as well, down to a debt of two seconds' refill (at least one
   * unit).
   */
  public LimitRule chargingRejected() {
    return new LimitRule(
        kind, limit, amount, windowNanos, burst, initial, hidden, true, slice, changes, neighbour);
  }

  /**
   * The same rate also enforced in slices of that length, unseen: as a small bucket, or in aligned
   * windows.
   */
  public LimitRule sliced(Duration length, boolean aligned) {
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        burst,
        initial,
        hidden,
        chargeRejected,
        Optional.of(new Slice(length.toNanos(), aligned)),
        changes,
        neighbour);
  }

  /** From that time since the origin on, another amount. Changes are given in order of time. */
  public LimitRule changing(Duration at, long newAmount) {
    List<Change> more = new ArrayList<>(changes);
    more.add(new Change(at.toNanos(), newAmount));
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        burst,
        initial,
        hidden,
        chargeRejected,
        slice,
        more,
        neighbour);
  }

  /** Somebody else draws on the same limit. */
  public LimitRule shared(Neighbour other) {
    return new LimitRule(
        kind,
        limit,
        amount,
        windowNanos,
        burst,
        initial,
        hidden,
        chargeRejected,
        slice,
        changes,
        Optional.of(other));
  }

  /** What one request is charged. */
  long charge(Load load) {
    return switch (limit) {
      case TPM, TPD -> load.requested();
      case ITPM -> load.input();
      case OTPM -> load.output();
      default -> 1;
    };
  }
}
