package dev.paceline.metrics;

import dev.paceline.call.CallListener.Remedy;
import dev.paceline.diagnosis.Counts;
import dev.paceline.diagnosis.Diagnosis;
import dev.paceline.diagnosis.Finding;
import dev.paceline.diagnosis.LimitUsage;
import dev.paceline.diagnosis.ScopeStats;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The last 15 minutes, hour and day, for the page, the log line and the webhook: a process without
 * Prometheus can say how it came to this. Fed by {@link #sample}, which somebody calls each step
 * and every reader calls before it reads.
 *
 * <p>Its memory is bounded, and rows exist only for steps in which something happened: {@value
 * #MOST_MODELS} models of at most 216 rows of 290 bytes (4 MB when all of them are called all day;
 * three models: 190 KB), {@value #MOST_SCOPES} scopes of some 2 KB.
 */
public final class History {
  /** Length of a step. */
  public static final long STEP_NANOS = 15_000_000_000L;

  static final int STEPS = 60;
  static final int MOST_MODELS = 64;
  static final int MOST_SCOPES = 64;

  private static final int FIVE_MINUTES = 20;
  private static final long MILLI = 1_000_000;

  /** A scope that was idle for so long gives its place to a busy one. */
  private static final long IDLE_MILLIS = 60_000;

  private final CallMetrics metrics;
  private final Supplier<List<ScopeView>> scopes;
  private final LongSupplier clock;
  private final long began;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<List<String>, long[]> last = new HashMap<>();
  private final Map<List<String>, ModelTrack> models = new LinkedHashMap<>();
  private final Map<List<String>, ScopeTrack> tracks = new LinkedHashMap<>();
  private final Map<Span, StepLevels> levels = new EnumMap<>(Span.class);

  /**
   * @param scopes every scope with a budget, as it stands
   * @param clock nanoseconds that only grow
   */
  public History(CallMetrics metrics, Supplier<List<ScopeView>> scopes, LongSupplier clock) {
    this.metrics = metrics;
    this.scopes = scopes;
    this.clock = clock;
    this.began = clock.getAsLong();
    for (Span span : Span.values()) {
      levels.put(span, new StepLevels(span));
    }
  }

  /** Takes in what has happened since the last time. */
  public void sample() {
    lock.lock();
    try {
      // Inside: two readers that bring their views in the wrong order would count twice.
      List<ScopeView> views = scopes.get();
      long now = now();
      long step = now * MILLI / STEP_NANOS;
      levels.values().forEach(level -> level.turnTo(now));
      models.values().forEach(track -> track.turnTo(now));
      for (ModelSeries series : metrics.series()) {
        sample(series, now);
      }
      long waits = 0;
      Map<List<String>, ScopeView> strangers = new LinkedHashMap<>();
      Set<List<String>> present = new HashSet<>();
      for (ScopeView view : views) {
        waits += view.waiting();
        List<String> key = List.of(view.provider(), view.owner(), view.model());
        present.add(key);
        ScopeTrack track = tracks.get(key);
        if (track != null) {
          track.sample(view, step, now);
        } else {
          strangers.put(key, view);
        }
      }
      // Of a scope that has gone, to others of its organisation or for want of room, nobody knows
      // how it is: what it was like when it went would be told, and alerted of, for ever.
      tracks.keySet().retainAll(present);
      strangers.forEach((key, view) -> admit(key, view, step, now));
      gauges(views, now);
      long queued = waits;
      boolean observed = metrics.observesAny();
      levels.values().forEach(level -> level.see(queued, observed));
    } finally {
      lock.unlock();
    }
  }

  /** The last 15 minutes, until this moment. */
  public Quarter quarter() {
    return over(Span.QUARTER);
  }

  /** A span of time until this moment; its situations are those of the last 15 minutes. */
  public Quarter over(Span span) {
    sample();
    lock.lock();
    try {
      long now = now();
      List<Quarter.OfModel> ofModels = new ArrayList<>();
      models.forEach(
          (key, track) -> {
            if (!track.of(span).empty()) {
              ofModels.add(ofModel(key, track.of(span).sum(span.steps())));
            }
          });
      ofModels.sort(
          Comparator.comparing((Quarter.OfModel m) -> -m.counts().failing())
              .thenComparing(m -> -m.counts().refused())
              .thenComparing(m -> -m.counts().calls()));
      Map<Limit, List<Long>> limited = new EnumMap<>(Limit.class);
      for (Limit limit : Limit.values()) {
        List<Long> steps = steps(span, Totals.LIMITED + limit.ordinal());
        if (steps.stream().anyMatch(n -> n > 0)) {
          limited.put(limit, steps);
        }
      }
      return new Quarter(
          span.stepMillis(),
          Math.min(now, span.stepMillis() * span.steps()),
          steps(span, Totals.CALLS),
          steps(span, Totals.ATTEMPTS),
          failing(span),
          limited,
          level(span).waiting(),
          ofModels,
          situations(now),
          observed(span));
    } finally {
      lock.unlock();
    }
  }

  /** What is the matter at this moment; see {@link Diagnosis#of}. */
  public List<Finding> findings() {
    return Diagnosis.of(quarter().situations());
  }

  private long now() {
    return (clock.getAsLong() - began) / MILLI;
  }

  /** What the gauges of limits and queues say, by provider and model as in the tags. */
  private void gauges(List<ScopeView> views, long now) {
    Map<List<String>, Double> fullest = new HashMap<>();
    Map<List<String>, Double> limit = new HashMap<>();
    Map<List<String>, Double> left = new HashMap<>();
    Map<List<String>, Double> queued = new HashMap<>();
    for (ScopeView view : views) {
      String provider = metrics.providerTag(view.provider());
      String model = metrics.modelTag(view.modelName());
      List<String> ofModel = List.of(provider, model);
      // A scope that the state file told of: until its model is called, its tag would be "other".
      if (!last.containsKey(ofModel)) {
        continue;
      }
      queued.merge(ofModel, (double) view.waiting(), Double::sum);
      ScopeTrack track = tracks.get(List.of(view.provider(), view.owner(), view.model()));
      if (track == null) {
        continue;
      }
      for (LimitUsage use : track.uses(now)) {
        List<String> key = List.of(provider, model, use.now().limit().tag());
        fullest.merge(key, use.used(), Math::max);
        limit.merge(key, (double) use.now().max(), Double::sum);
        left.merge(key, (double) Math.max(0, use.now().left()), Double::sum);
      }
    }
    metrics.levels(fullest, limit, left, queued);
  }

  private StepLevels level(Span span) {
    StepLevels level = levels.get(span);
    if (level == null) {
      throw new IllegalArgumentException(span.word()); // all are there from the beginning
    }
    return level;
  }

  private void sample(ModelSeries series, long now) {
    List<String> key = List.of(series.provider(), series.model());
    long[] totals = series.totals();
    long[] before = last.put(key, totals);
    for (int i = 0; i < totals.length; i++) {
      long more = totals[i] - (before == null ? 0 : before[i]);
      if (more > 0) {
        track(key, now).add(i, more);
      }
    }
  }

  /** Models beyond the bound share a track. */
  private ModelTrack track(List<String> key, long now) {
    ModelTrack known = models.get(key);
    if (known != null) {
      return known;
    }
    models.values().removeIf(track -> models.size() >= MOST_MODELS && track.empty());
    List<String> place =
        models.size() < MOST_MODELS ? key : List.of(BoundedNames.OTHER, BoundedNames.OTHER);
    return models.computeIfAbsent(place, k -> new ModelTrack(now));
  }

  private void admit(List<String> key, ScopeView view, long step, long now) {
    if (tracks.size() >= MOST_SCOPES) {
      List<String> idlest = List.of();
      long longest = IDLE_MILLIS;
      for (Map.Entry<List<String>, ScopeTrack> track : tracks.entrySet()) {
        if (track.getValue().idle(now) >= longest) {
          longest = track.getValue().idle(now);
          idlest = track.getKey();
        }
      }
      if (idlest.isEmpty() || !ScopeTrack.active(view)) {
        return;
      }
      tracks.remove(idlest);
    }
    tracks.put(key, new ScopeTrack(view, step, now));
  }

  private List<Long> steps(Span span, int index) {
    List<Long> steps = new ArrayList<>(span.steps());
    for (int age = span.steps() - 1; age >= 0; age--) {
      long sum = 0;
      for (ModelTrack track : models.values()) {
        sum += track.of(span).at(age, index);
      }
      steps.add(sum);
    }
    return steps;
  }

  private List<Long> failing(Span span) {
    List<Long> steps = new ArrayList<>(span.steps());
    for (int age = span.steps() - 1; age >= 0; age--) {
      long sum = 0;
      for (Failure failure : Failure.values()) {
        for (ModelTrack track : models.values()) {
          sum +=
              failure.by() == Failure.By.APPLICATION
                  ? 0
                  : track.of(span).at(age, Totals.FAILED + failure.ordinal());
        }
      }
      steps.add(sum);
    }
    return steps;
  }

  private Quarter.OfModel ofModel(List<String> key, long[] row) {
    return new Quarter.OfModel(
        key.get(0),
        key.get(1),
        metrics.enforces(key),
        counts(row),
        row[Totals.RETRIES],
        row[Totals.GIVE_UPS],
        Quarter.Waits.of(row),
        Quarter.Latency.of(row));
  }

  private static Counts counts(long[] row) {
    EnumMap<Limit, Long> limited = new EnumMap<>(Limit.class);
    for (Limit limit : Limit.values()) {
      if (row[Totals.LIMITED + limit.ordinal()] > 0) {
        limited.put(limit, row[Totals.LIMITED + limit.ordinal()]);
      }
    }
    EnumMap<Failure, Long> failed = new EnumMap<>(Failure.class);
    for (Failure failure : Failure.values()) {
      if (row[Totals.FAILED + failure.ordinal()] > 0) {
        failed.put(failure, row[Totals.FAILED + failure.ordinal()]);
      }
    }
    return new Counts(
        row[Totals.CALLS],
        row[Totals.ATTEMPTS],
        limited,
        row[Totals.SERVER_ERRORS],
        row[Totals.REPEATED],
        Totals.waits(row),
        Totals.waitsFrom(row, 60),
        failed);
  }

  private List<ScopeStats> situations(long now) {
    List<ScopeStats> situations = new ArrayList<>(tracks.size());
    Set<List<String>> told = new HashSet<>();
    for (ScopeTrack track : tracks.values()) {
      ScopeView view = track.view();
      String model = metrics.modelTag(view.modelName());
      List<String> key = List.of(view.provider(), model);
      // Names beyond the bound are counted together, so what happened to them is nobody's alone.
      ModelTrack counted = model.equals(BoundedNames.OTHER) ? null : models.get(key);
      told.add(key);
      situations.add(
          new ScopeStats(
              view,
              track.uses(now),
              counted == null ? Counts.NONE : counts(counted.of(Span.QUARTER).sum(FIVE_MINUTES)),
              counted == null ? Counts.NONE : counts(counted.of(Span.QUARTER).sum(STEPS)),
              track.watchedMillis(now),
              track.requestsOfQuarter(),
              track.tokensOfQuarter()));
    }
    situations.sort(
        Comparator.comparing((ScopeStats s) -> -s.scope().waiting())
            .thenComparing(s -> -s.scope().gateClosedMillis())
            .thenComparing(s -> -s.uses().stream().mapToDouble(LimitUsage::used).max().orElse(0))
            .thenComparing(s -> -s.requests()));
    models.forEach(
        (key, track) -> {
          if (key.get(1).equals(BoundedNames.OTHER) || !told.contains(key)) {
            situations.add(withoutScope(key, track));
          }
        });
    return situations;
  }

  private static ScopeStats withoutScope(List<String> key, ModelTrack track) {
    ScopeView none =
        new ScopeView(key.get(0), "", key.get(1), 0, 0, 0, Limit.UNKNOWN, 0, 0, 0, List.of());
    return new ScopeStats(
        none,
        List.of(),
        counts(track.of(Span.QUARTER).sum(FIVE_MINUTES)),
        counts(track.of(Span.QUARTER).sum(STEPS)),
        0,
        0,
        0);
  }

  private Quarter.Observed observed(Span span) {
    long[] row = new long[Totals.SIZE];
    long millis = 0;
    for (int age = 0; age < span.steps(); age++) {
      if (level(span).observing(age)) {
        millis += span.stepMillis();
        int step = age;
        models.forEach(
            (key, track) -> {
              if (!metrics.enforces(key)) {
                track.of(span).addTo(row, step);
              }
            });
      }
    }
    long limited = 0;
    for (int i = 0; i < Limit.values().length; i++) {
      limited += row[Totals.LIMITED + i];
    }
    return new Quarter.Observed(
        millis,
        limited,
        row[Totals.AVOIDABLE + Remedy.PACING.ordinal()],
        row[Totals.AVOIDABLE + Remedy.RETRY.ordinal()],
        Quarter.Waits.of(row));
  }
}
