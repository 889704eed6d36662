package dev.paceline.diagnosis;

import dev.paceline.words.LimitView;

/**
 * How an announced limit was used lately.
 *
 * @param now how it stands
 * @param used the most of it that was used at any moment of the last minute, 0 to 1: a limit that
 *     is counted in windows looks unused just after each
 * @param saturatedMillis since when it has been saturated without a break; 0 when it is not
 * @param ownHour the part that this process itself has sent of all that the limit granted in the
 *     last hour, 0 to 1
 */
public record LimitUsage(LimitView now, double used, long saturatedMillis, double ownHour) {
  /** A limit counts as saturated from this part on … */
  public static final double SATURATED = 0.9;

  /** … until less than this part of it is used. */
  public static final double RECOVERED = 0.75;
}
