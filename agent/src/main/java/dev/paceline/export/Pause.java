package dev.paceline.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Spaces what is told: after one notice the next of the same key waits, and what has become untrue
 * by then is not told at all. So nobody is told twice of the same thing, and the last thing told is
 * true in the end.
 */
final class Pause {
  private static final class State {
    boolean told;
    @Nullable Notice pending;
  }

  private final long millis;
  private final Function<Condition, String> key;
  private final Map<String, State> states = new LinkedHashMap<>();
  private final Map<String, Long> last = new HashMap<>();

  /**
   * @param millis between two of a key
   * @param key of a condition, coarser than or the same as its own
   */
  Pause(long millis, Function<Condition, String> key) {
    this.millis = millis;
    this.key = key;
  }

  /** What is to be told now. */
  List<Notice> due(long now, List<Notice> fresh) {
    for (Notice notice : fresh) {
      states.computeIfAbsent(notice.condition().key(), any -> new State()).pending = notice;
    }
    last.values().removeIf(at -> now - at >= millis);
    List<Notice> due = new ArrayList<>();
    for (State state : states.values()) {
      Notice notice = state.pending;
      if (notice == null) {
        continue;
      }
      boolean news = state.told == notice.recovered();
      if (!news) {
        state.pending = null;
      } else if (last.putIfAbsent(key.apply(notice.condition()), now) == null) {
        state.pending = null;
        state.told = !notice.recovered();
        due.add(notice);
      }
    }
    states.values().removeIf(state -> state.pending == null && !state.told);
    return due;
  }
}
