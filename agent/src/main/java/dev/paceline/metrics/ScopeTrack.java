package dev.paceline.metrics;

import dev.paceline.diagnosis.LimitUsage;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitView;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What {@link History} keeps of one scope. Times are milliseconds since the history began. */
final class ScopeTrack {
  /** A limit that is counted in windows is seen full at the end of each. */
  private static final int PEAK_STEPS = 5;

  /** The hour is kept in minutes. */
  private static final int MINUTES = 60;

  private static final long MINUTE = 60_000;
  private static final long HOUR = MINUTES * MINUTE;

  private final long since;
  private final Map<Limit, LimitTrack> limits = new EnumMap<>(Limit.class);
  private final long[] requests = new long[History.STEPS];
  private final long[] tokens = new long[History.STEPS];
  private ScopeView view;
  private long newest;
  private long seenRequests;
  private long seenTokens;
  private long activeAt;

  ScopeTrack(ScopeView view, long step, long now) {
    this.view = view;
    since = now;
    newest = step;
    activeAt = now;
    sample(view, step, now);
  }

  ScopeView view() {
    return view;
  }

  long watchedMillis(long now) {
    return Math.min(HOUR, now - since);
  }

  /** How long nothing was sent and nobody waited. */
  long idle(long now) {
    return now - activeAt;
  }

  static boolean active(ScopeView view) {
    return view.waiting() > 0 || view.inFlight() > 0 || view.gateClosedMillis() > 0;
  }

  final void sample(ScopeView next, long step, long now) {
    for (long s = Math.max(newest + 1, step - History.STEPS + 1); s <= step; s++) {
      requests[(int) (s % History.STEPS)] = 0;
      tokens[(int) (s % History.STEPS)] = 0;
    }
    newest = step;
    int at = (int) (step % History.STEPS);
    if (next.requests() != seenRequests || active(next)) {
      activeAt = now;
    }
    requests[at] += more(next.requests(), seenRequests);
    tokens[at] += more(next.tokens(), seenTokens);
    seenRequests = next.requests();
    seenTokens = next.tokens();
    for (LimitView limit : next.limits()) {
      limits.computeIfAbsent(limit.limit(), l -> new LimitTrack(step)).sample(limit, step, now);
    }
    view = next;
  }

  /** A total below the last one: the budget was evicted and made anew. */
  private static long more(long total, long before) {
    return total >= before ? total - before : total;
  }

  long requestsOfQuarter() {
    return Arrays.stream(requests).sum();
  }

  long tokensOfQuarter() {
    return Arrays.stream(tokens).sum();
  }

  List<LimitUsage> uses(long now) {
    List<LimitUsage> uses = new ArrayList<>(view.limits().size());
    for (LimitView limit : view.limits()) {
      LimitTrack track = limits.get(limit.limit());
      if (track != null) {
        uses.add(track.use(limit, now));
      }
    }
    return uses;
  }

  private static final class LimitTrack {
    /** The most that was used in each of the last steps, in thousandths. */
    private final short[] peaks = new short[PEAK_STEPS];

    /** What was sent in each of the last minutes. */
    private final long[] minutes = new long[MINUTES];

    private long newest;
    private long minute;
    private long sent;
    private long saturatedSince = -1;

    LimitTrack(long step) {
      newest = step;
    }

    void sample(LimitView limit, long step, long now) {
      for (long s = Math.max(newest + 1, step - PEAK_STEPS + 1); s <= step; s++) {
        peaks[(int) (s % PEAK_STEPS)] = 0;
      }
      newest = step;
      int at = (int) (step % PEAK_STEPS);
      peaks[at] = (short) Math.max(peaks[at], Math.round(limit.used() * 1_000));

      long thisMinute = now / MINUTE;
      for (long m = Math.max(minute + 1, thisMinute - MINUTES + 1); m <= thisMinute; m++) {
        minutes[(int) (m % MINUTES)] = 0;
      }
      minute = thisMinute;
      minutes[(int) (thisMinute % MINUTES)] += more(limit.sent(), sent);
      sent = limit.sent();

      double used = used();
      if (saturatedSince < 0 && used >= LimitUsage.SATURATED) {
        saturatedSince = now;
      } else if (used < LimitUsage.RECOVERED) {
        saturatedSince = -1;
      }
    }

    private double used() {
      int most = 0;
      for (short peak : peaks) {
        most = Math.max(most, peak);
      }
      return most / 1_000.0;
    }

    LimitUsage use(LimitView limit, long now) {
      double granted = (double) limit.max() * HOUR / Math.max(1, limit.windowMillis());
      long own = Arrays.stream(minutes).sum();
      return new LimitUsage(
          limit,
          used(),
          saturatedSince < 0 ? 0 : Math.max(1, now - saturatedSince),
          granted <= 0 ? 1 : Math.min(1, own / granted));
    }
  }
}
