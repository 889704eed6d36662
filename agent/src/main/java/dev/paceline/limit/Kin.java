package dev.paceline.limit;

import dev.paceline.words.Limit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one scope has sent and was told, as far as {@link Kinship} needs it. Pure and not
 * thread-safe: its owner holds a lock.
 */
public final class Kin {
  /**
   * Limits that tell of kinship. Output is counted while it comes, so that no header settles it.
   */
  static final List<Limit> LIMITS = List.of(Limit.RPM, Limit.TPM, Limit.ITPM, Limit.RPD, Limit.TPD);

  private static final int DOUBTS = 16;
  private static final long ROUNDED_FROM = 20_000;
  private static final long ROUNDED = 1_000;

  private final SendLog log = new SendLog();
  private final long since;
  private long lastSent;
  private boolean sentAny;

  private final @Nullable Sight[] last = new Sight[LIMITS.size()];

  /** Whether a remaining that is no multiple of 1,000 was seen. */
  private final boolean[] exact = new boolean[LIMITS.size()];

  private final long[] doubtFrom = new long[DOUBTS];
  private final long[] doubtTo = new long[DOUBTS];
  private final boolean[] doubtTokensOnly = new boolean[DOUBTS];
  private int doubts;
  private long doubtfulUpTo;

  /**
   * @param now nothing that was sent before is known
   */
  public Kin(long now) {
    since = now;
    lastSent = now;
    doubtfulUpTo = now;
  }

  /** An attempt leaves. */
  public void sent(long now, Attempt attempt) {
    lastSent = Math.max(lastSent, now); // threads come in any order
    if (!attempt.noted) {
      attempt.noted = true;
      sentAny = true;
      log.add(lastSent, attempt.charge);
    }
  }

  /** An attempt leaves the client's own queue only now. */
  public void departed(long now, Attempt attempt) {
    if (now - attempt.sent > Kinship.ORDER / 2) {
      doubt(now, attempt);
    }
  }

  /** When something was sent last. */
  public long lastSent() {
    return lastSent;
  }

  /** Whether the attempt was charged, when, or how often, is not known. */
  public void doubt(long now, Attempt attempt) {
    doubt(attempt.sent, now, false);
  }

  /** What was charged for output is being corrected about now. */
  public void settled(long now) {
    doubt(now, now, true);
  }

  private void doubt(long from, long to, boolean tokensOnly) {
    int newest = (doubts + DOUBTS - 1) % DOUBTS;
    if (doubts > 0
        && doubtTokensOnly[newest] == tokensOnly
        && from - doubtTo[newest] <= Kinship.ORDER
        && to - doubtFrom[newest] >= -Kinship.ORDER) {
      doubtFrom[newest] = Math.min(doubtFrom[newest], from);
      doubtTo[newest] = Math.max(doubtTo[newest], to);
      return;
    }
    int slot = doubts % DOUBTS;
    if (doubts >= DOUBTS) {
      doubtfulUpTo = Math.max(doubtfulUpTo, doubtTo[slot]);
    }
    doubtFrom[slot] = from;
    doubtTo[slot] = to;
    doubtTokensOnly[slot] = tokensOnly;
    doubts = doubts == 2 * DOUBTS - 1 ? DOUBTS : doubts + 1;
  }

  /** Whether all that was sent and charged between two instants is known. */
  boolean sure(long from, long to, Limit limit) {
    if (from - since < 0 || from - doubtfulUpTo < 0 || (sentAny && !log.reaches(from))) {
      return false;
    }
    boolean tokens = Charge.countsTokens(limit);
    for (int i = 0; i < Math.min(doubts, DOUBTS); i++) {
      if ((tokens || !doubtTokensOnly[i]) && doubtTo[i] - from >= 0 && to - doubtFrom[i] >= 0) {
        return false;
      }
    }
    return true;
  }

  /** What was sent after {@code from}, up to {@code to}; 0 when that is before. */
  long between(long from, long to, Limit limit) {
    return to - from <= 0 ? 0 : log.upTo(to, limit) - log.upTo(from, limit);
  }

  void told(int index, Sight sight) {
    exact[index] |= sight.max < ROUNDED_FROM || sight.remaining % ROUNDED != 0;
    Sight before = last[index];
    if (before == null || sight.sent - before.sent >= 0) {
      last[index] = sight;
    }
  }

  @Nullable Sight last(int index) {
    return last[index];
  }

  /** Units by which the difference of two headers may be wrong. */
  long slack(int index) {
    return exact[index] ? 1 : ROUNDED;
  }
}
