package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.List;
import java.util.Set;

/**
 * What a budget has learned and a restart need not forget. Times are nanoseconds from the instant
 * of remembering.
 *
 * @param lines the limits that were announced
 * @param gate for how long the gate stays closed
 * @param lastLimit the limit that was hit last
 * @param cap most requests in flight, learned from limit answers; 0 when none was
 * @param capGrows how long the cap stays as it is
 * @param burst requests that may leave at once, learned from limit answers; 0 when nothing was
 * @param haste by how much the rate of a burst may exceed the limit's
 * @param rate requests a second where no header announces a limit; 0 when nothing was learned
 * @param owedRequests how long a typed limit of requests a day takes to be whole again
 * @param owedTokens likewise for tokens a day
 */
public record LimiterSnapshot(
    List<Line> lines,
    long gate,
    Limit lastLimit,
    int cap,
    long capGrows,
    double burst,
    double haste,
    double rate,
    long owedRequests,
    long owedTokens) {
  /** A window of a year, which some quotas have, with room. */
  private static final long MAX_NANOS = 400L * 86_400 * Exact.SECOND;

  /** Largest burst in requests, and largest multiple of a rate. */
  private static final double MAX_BURST = 1_000;

  /** Requests a second. */
  private static final double MAX_RATE = 1e6;

  /**
   * Cuts what is too large.
   *
   * @throws IllegalArgumentException for what no budget can have learned
   */
  public LimiterSnapshot {
    // What a header may say is cut to what can be kept: one long window made all of it unsavable.
    gate = Math.min(gate, MAX_NANOS);
    capGrows = Math.min(capGrows, MAX_NANOS);
    burst = Math.min(burst, MAX_BURST);
    haste = Math.min(haste, MAX_BURST);
    rate = Math.min(rate, MAX_RATE);
    owedRequests = Math.min(owedRequests, MAX_NANOS);
    owedTokens = Math.min(owedTokens, MAX_NANOS);
    lines = List.copyOf(lines);
    check(lines.size() <= 8);
    check(lines.stream().map(Line::limit).distinct().count() == lines.size());
    check(gate >= 0 && capGrows >= 0);
    check(cap >= 0 && burst >= 0);
    check(burst == 0 || haste >= 0.01);
    check(rate == 0 || rate >= 0.001);
    check(owedRequests >= 0 && owedTokens >= 0);
  }

  /**
   * One announced limit.
   *
   * @param max units a window
   * @param left units thought to be left; may be negative
   * @param window its length
   * @param counted {@code continuous}, {@code fixed} or {@code rolling}
   * @param ends time until the window ends where it is fixed, else 0
   */
  public record Line(Limit limit, long max, long left, long window, String counted, long ends) {
    private static final Set<Limit> ANNOUNCED =
        Set.of(Limit.RPM, Limit.TPM, Limit.ITPM, Limit.OTPM, Limit.RPD, Limit.TPD);

    /**
     * @throws IllegalArgumentException for what no header can have announced
     */
    public Line {
      check(ANNOUNCED.contains(limit));
      max = Math.min(max, Exact.MAX_UNITS);
      left = Math.max(-Exact.MAX_UNITS, Math.min(left, max));
      window = Math.min(window, MAX_NANOS);
      ends = Math.max(-MAX_NANOS, Math.min(ends, MAX_NANOS));
      check(max > 0 && window >= 50 * Exact.MILLI);
      WindowKind.of(counted);
    }

    WindowKind kind() {
      return WindowKind.of(counted);
    }
  }

  private static void check(boolean possible) {
    if (!possible) {
      throw new IllegalArgumentException("out of range");
    }
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return lines.isEmpty()
        && gate == 0
        && cap == 0
        && burst == 0
        && rate == 0
        && owedRequests == 0
        && owedTokens == 0;
  }
}
