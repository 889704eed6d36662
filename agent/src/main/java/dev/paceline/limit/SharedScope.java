package dev.paceline.limit;

import dev.paceline.words.Limit;
import dev.paceline.words.Scope;

/** A scope whose limits other processes may draw on, as those see it who agree with them. */
public interface SharedScope {
  Scope scope();

  /** The organisation that answers have named; empty for none. */
  String organisation();

  /** When a call last came, on the monotonic clock. */
  long lastUse();

  FleetNeeds needs();

  /** From now on this is asked for our parts; those who wait are looked at again. */
  void agreed(FleetShare share);

  /** Somebody else met a limit answer: nothing is sent for so long. */
  void closed(long nanos, Limit limit);
}
