package dev.paceline.limit;

import static dev.paceline.limit.Exact.SECOND;

import dev.paceline.words.Limit;

/**
 * What a provider asks for whose users come too many more too soon: back to the rate of before, a
 * quarter of an hour at it, then slowly more. Nothing before it asks.
 *
 * <p>OpenAI on 503 "Slow Down": "reduce your request rate to its original level, maintain a
 * consistent rate for at least 15 minutes, and then gradually increase it"; Anthropic says of its
 * acceleration limits to ramp up gradually. Neither gives a figure for "gradually": a twentieth a
 * minute is ours.
 */
final class RampUpLimiter implements Constraint {

  /** Nanoseconds at the rate of before: OpenAI asks for "at least 15 minutes". */
  private static final long HOLD_FOR = 900 * SECOND;

  /** Then the rate grows by this factor a minute; nobody says how gradual is gradual. */
  private static final double GROWTH_A_MINUTE = 1.05;

  /** The increase that is complained about began within this time. */
  private static final long INCREASE_WITHIN = 60 * SECOND;

  /** Requests a second: less is no rate to hold an application to. */
  private static final double MIN_RATE = 1;

  /** Minutes whose requests are counted: the hold and one on either side. */
  private static final int FOLLOWED_MINUTES = 17;

  private final Gcra gcra;
  private final int[] sentIn = new int[FOLLOWED_MINUTES];
  private long minute;
  private long firstMinute = Long.MAX_VALUE;
  private boolean active;
  private double rate;
  private double peak;
  private long since;

  RampUpLimiter(long now) {
    gcra = new Gcra(now);
  }

  private void advance(long now) {
    long to = Math.floorDiv(now, INCREASE_WITHIN);
    if (firstMinute == Long.MAX_VALUE) {
      firstMinute = to;
      minute = to;
    }
    for (int i = 0; i < FOLLOWED_MINUTES && minute < to; i++) {
      minute++;
      sentIn[(int) Math.floorMod(minute, (long) FOLLOWED_MINUTES)] = 0;
    }
    minute = Math.max(minute, to);
  }

  /** The provider asks to slow down; once a flight. */
  void begin(long now, SendLog log) {
    double seconds = INCREASE_WITHIN / (double) SECOND;
    long recent = log.requests() - log.upTo(now - INCREASE_WITHIN, Limit.RPM);
    double lately = recent / seconds;
    advance(now);
    long from = Math.max(firstMinute, minute - FOLLOWED_MINUTES + 1);
    long minutes = minute - 1 - from;
    double old = lately / 2; // nothing is known of before: half of what was too much
    if (minutes > 0) {
      long sent = 0;
      for (long m = from; m < minute - 1; m++) {
        sent += sentIn[(int) Math.floorMod(m, (long) FOLLOWED_MINUTES)];
      }
      old = Math.min(lately, sent / (60.0 * minutes));
    }
    if (active) {
      old = Math.min(old, rate(now) / 2);
    }
    peak = active ? Math.max(peak, lately) : lately;
    rate = Math.max(MIN_RATE, old);
    since = now;
    active = true;
    gcra.reset(now);
  }

  boolean active(long now) {
    if (active && rate(now) > 2 * Math.max(peak, rate)) {
      active = false; // twice what was too much then: it is over
    }
    return active;
  }

  private double rate(long now) {
    long growing = now - since - HOLD_FOR;
    return growing <= 0 ? rate : rate * StrictMath.pow(GROWTH_A_MINUTE, growing / (60.0 * SECOND));
  }

  @Override
  public long earliest(long now, Cost charge) {
    return active(now) ? gcra.earliest(now, 0) : now;
  }

  /** A send, whether or not anybody has complained. */
  @Override
  public void onSend(long now, Permit permit) {
    advance(now);
    sentIn[(int) Math.floorMod(minute, (long) FOLLOWED_MINUTES)]++;
    if (active(now)) {
      gcra.take(now, cost(now, 1));
    }
  }

  @Override
  public long predict(long now, long requests, long inputTokens, long outputTokens) {
    return active(now) ? gcra.earliest(now, 0) + cost(now, Math.max(0, requests - 1)) : now;
  }

  private long cost(long now, long requests) {
    return (long) (requests / rate(now) * SECOND);
  }

  void clear() {
    active = false;
  }
}
