package dev.paceline.limit;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** The announced limits of one budget, a bucket each; one that is there keeps its place. */
final class LimitEstimators extends AbstractList<LimitEstimator> implements RandomAccess {
  private final SendLog log;
  private final List<LimitEstimator> all = new ArrayList<>(4);
  private int generations;

  LimitEstimators(SendLog log) {
    this.log = log;
  }

  @Override
  public LimitEstimator get(int index) {
    return all.get(index);
  }

  @Override
  public int size() {
    return all.size();
  }

  /** Forgets all; attempts that left before do not speak of those that are made later. */
  @Override
  public void clear() {
    for (LimitEstimator estimator : all) {
      generations = Math.max(generations, estimator.level.generation + 1);
    }
    all.clear();
  }

  void advance(long now) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).advance(now);
    }
  }

  /** One more. */
  LimitEstimator make(Limit limit) {
    LimitEstimator made = new LimitEstimator(limit, all.size(), generations, log);
    all.add(made);
    return made;
  }

  boolean has(Limit limit) {
    return find(limit) != null;
  }

  private @Nullable LimitEstimator find(Limit limit) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).limit == limit) {
        return all.get(i);
      }
    }
    return null;
  }

  /**
   * The bucket that a header speaks of, made when it is the first one to do so.
   *
   * @param together all that the same answer says
   * @return null when it is no limit that a bucket counts, or tells nothing of a new one
   */
  @Nullable LimitEstimator of(LimitReading reading, List<LimitReading> together) {
    Limit limit = reading.limit();
    if (limit == Limit.UNKNOWN
        || limit == Limit.QUOTA
        || limit == Limit.CAPACITY
        || limit == Limit.CONCURRENCY) {
      return null;
    }
    LimitEstimator found = find(limit);
    if (found != null) {
      return found;
    }
    Limit sibling = sibling(limit);
    LimitEstimator other = find(sibling);
    // A grammar that works the window out from the reset takes one limit for a minute's now and
    // for a day's then.
    if (other != null
        && other.level.max == reading.limitValue()
        && together.stream().noneMatch(one -> one.limit() == sibling)) {
      return other;
    }
    return reading.remaining() < 0 ? null : make(limit);
  }

  private static Limit sibling(Limit limit) {
    return switch (limit) {
      case RPM -> Limit.RPD;
      case RPD -> Limit.RPM;
      case TPM, ITPM, OTPM -> Limit.TPD;
      default -> Limit.TPM;
    };
  }

  /** Whether any says how fast to go. */
  boolean paced() {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).paces()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any counts tokens. */
  boolean countTokens() {
    for (int i = 0; i < all.size(); i++) {
      if (!all.get(i).trust.ignored() && Cost.countsTokens(all.get(i).limit)) {
        return true;
      }
    }
    return false;
  }

  /** The one that sets a pace and of which the least part is left. */
  @Nullable LimitEstimator fullest() {
    LimitEstimator found = null;
    double least = Double.MAX_VALUE;
    for (int i = 0; i < all.size(); i++) {
      LimitEstimator estimator = all.get(i);
      double level = (double) estimator.level.value() / estimator.level.capacity();
      if (estimator.paces() && level < least) {
        least = level;
        found = estimator;
      }
    }
    return found;
  }

  /** The part of a whole limit that a charge takes, where a limit sets a pace; else 0. */
  double share(Cost charge) {
    double most = 0;
    for (int i = 0; i < all.size(); i++) {
      LimitEstimator estimator = all.get(i);
      if (estimator.paces()) {
        most = Math.max(most, (double) charge.of(estimator.limit) / estimator.level.max);
      }
    }
    return Math.min(1, most);
  }

  /** Nanoseconds that the pacing limits take to grant a charge. */
  long timeToGrant(Cost charge) {
    long most = 0;
    for (int i = 0; i < all.size(); i++) {
      LimitEstimator estimator = all.get(i);
      if (estimator.paces()) {
        most = Math.max(most, estimator.level.timeToGrantUnits(charge.of(estimator.limit)));
      }
    }
    return most;
  }
}
