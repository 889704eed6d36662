package dev.paceline.config;

import java.util.Optional;

/**
 * What a person has typed about the pace of a scope: limits that are never exceeded, whatever the
 * provider announces, and how much is left to other users of the same limits.
 *
 * @param rpm requests a minute; 0 when nothing is typed, as for all limits here
 * @param tpm tokens a minute, of prompt and answer
 * @param itpm tokens of prompts a minute
 * @param otpm tokens of answers a minute
 * @param rpd requests a day
 * @param tpd tokens a day
 * @param concurrency requests in flight at the same time
 * @param reserve the part of every announced limit that is always left to others, 0 to 1; {@link
 *     #AUTO} when nothing is typed
 * @param smoothBelow the part of an announced limit, 0 to 1, below which calls leave no faster than
 *     it is refilled; {@link #AUTO} when nothing is typed
 * @param dayStart when a day's limits begin anew; empty where they hold for any 24 hours
 */
public record Bounds(
    long rpm,
    long tpm,
    long itpm,
    long otpm,
    long rpd,
    long tpd,
    long concurrency,
    double reserve,
    double smoothBelow,
    Optional<DayStarts> dayStart) {
  /** A day's limits hold for any 24 hours. */
  public Bounds(
      long rpm,
      long tpm,
      long itpm,
      long otpm,
      long rpd,
      long tpd,
      long concurrency,
      double reserve,
      double smoothBelow) {
    this(rpm, tpm, itpm, otpm, rpd, tpd, concurrency, reserve, smoothBelow, Optional.empty());
  }

  /** Found out by watching: nothing is kept back while nobody else uses the limit. */
  public static final double AUTO = -1;

  /** Nothing is typed. */
  public static final Bounds NONE = new Bounds(0, 0, 0, 0, 0, 0, 0, AUTO, AUTO);
}
