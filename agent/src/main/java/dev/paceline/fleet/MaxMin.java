package dev.paceline.fleet;

import java.util.Arrays;

/**
 * Max-min fair shares: who wants less than an equal part gets what he wants, the others share the
 * rest likewise. What nobody wants is shared equally among all and one more, so that who joins next
 * finds something. All sums are integers: every member computes the same.
 */
final class MaxMin {
  /** Below so many units a member, shares are whole units: halves of a request are lost. */
  private static final long WHOLE_UNITS_BELOW = 1_000;

  private MaxMin() {}

  /**
   * Shares in millionths, in the order of the demands.
   *
   * @param demand units each member wants; not negative
   * @param capacity units there are; 0 when nobody knows: then shares are as demands are
   * @param whole millionths that are to be shared
   */
  static int[] shares(long[] demand, long capacity, int whole) {
    int n = demand.length;
    int[] shares = new int[n];
    if (n == 0 || whole <= 0) {
      return shares;
    }
    long[] wants = demand.clone();
    long sum = 0;
    for (int i = 0; i < n; i++) {
      // A demand beyond the whole changes nothing, and could not be added up.
      wants[i] = Math.max(0, Math.min(wants[i], capacity > 0 ? capacity : Integer.MAX_VALUE));
      sum += wants[i];
    }
    if (sum == 0) {
      Arrays.fill(shares, whole / (n + 1));
      return shares;
    }
    long there = capacity > 0 ? Math.max(1, capacity) : sum;
    long left = there;
    boolean[] done = new boolean[n];
    double[] units = new double[n];
    int open = n;
    while (open > 0) {
      double equal = (double) left / open;
      boolean any = false;
      for (int i = 0; i < n; i++) {
        if (!done[i] && wants[i] <= equal) {
          done[i] = true;
          units[i] = wants[i];
          left -= wants[i];
          open--;
          any = true;
        }
      }
      if (!any) {
        for (int i = 0; i < n; i++) {
          if (!done[i]) {
            units[i] = equal;
          }
        }
        left = 0;
        break;
      }
    }
    double spare = (double) left / (n + 1);
    boolean hungry = open > 0;
    for (int i = 0; i < n; i++) {
      units[i] += hungry ? 0 : spare;
    }
    if (capacity > 0 && capacity / n < WHOLE_UNITS_BELOW) {
      round(units, there, hungry);
    }
    for (int i = 0; i < n; i++) {
      shares[i] = (int) Math.min(whole, (long) Math.floor(units[i] * whole / there));
    }
    return shares;
  }

  /** To whole units: what that leaves goes to those who lost most, in order. */
  private static void round(double[] units, long there, boolean all) {
    int n = units.length;
    double[] lost = new double[n];
    long sum = 0;
    for (int i = 0; i < n; i++) {
      double floor = Math.floor(units[i] + 1e-9);
      lost[i] = units[i] - floor;
      units[i] = floor;
      sum += (long) floor;
    }
    for (long left = Math.min(there - sum, n); all && left > 0; left--) {
      int most = 0;
      for (int i = 1; i < n; i++) {
        most = lost[i] > lost[most] + 1e-9 ? i : most;
      }
      units[most]++;
      lost[most] = -1;
    }
  }
}
