package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * What processes that share a limit have agreed on: our parts of its limits. Asked under the lock
 * of a queue: it answers at once.
 */
public interface FleetShare {
  /** There are no others, or nobody knows of them. */
  FleetShare NONE =
      new FleetShare() {
        @Override
        public double announced(Limit limit, long now) {
          return -1;
        }

        @Override
        public boolean loosening(long now) {
          return false;
        }

        @Override
        public double typed(Limit limit, long now) {
          return 1;
        }
      };

  /** Our part of a limit that headers show, from 0 to 1; negative: headers tell of others. */
  double announced(Limit limit, long now);

  /** Whether the parts are old and grow: what headers tell of others counts, too. */
  boolean loosening(long now);

  /** Our part of a limit that a person has typed for all together, from 0 to 1. */
  double typed(Limit limit, long now);
}
