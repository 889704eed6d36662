package dev.paceline.export;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells the beginning and the end of conditions from what is so at each look. An end is told when
 * the condition has been absent for a minute, so that one on the edge is told once. Pure: time is
 * an argument.
 */
public final class Alerts {
  static final long CALM_MILLIS = 60_000;

  /** As many scopes as the agent keeps, four kinds each. */
  private static final int MOST = 4_000;

  private static final class Open {
    Condition last;
    long seenAt;

    Open(Condition last, long seenAt) {
      this.last = last;
      this.seenAt = seenAt;
    }
  }

  private final Map<String, Open> open = new LinkedHashMap<>();

  /**
   * @param now milliseconds with any origin
   * @param conditions all that are so now
   */
  public List<Notice> look(long now, List<Condition> conditions) {
    List<Notice> notices = new ArrayList<>();
    Set<String> present = new HashSet<>();
    for (Condition condition : conditions) {
      present.add(condition.key());
      Open known = open.get(condition.key());
      if (known != null) {
        known.last = condition;
        known.seenAt = now;
      } else if (open.size() < MOST) {
        open.put(condition.key(), new Open(condition, now));
        notices.add(new Notice(condition, false));
      }
    }
    open.values()
        .removeIf(
            known -> {
              boolean over =
                  !present.contains(known.last.key()) && now - known.seenAt >= CALM_MILLIS;
              if (over) {
                notices.add(new Notice(known.last, true));
              }
              return over;
            });
    return notices;
  }
}
