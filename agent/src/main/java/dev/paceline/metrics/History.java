package dev.paceline.metrics;

import dev.paceline.call.CallListener.Remedy;
import dev.paceline.diagnosis.Counts;
import dev.paceline.diagnosis.Diagnosis;
import dev.paceline.diagnosis.Finding;
import dev.paceline.diagnosis.LimitUsage;
import dev.paceline.diagnosis.ScopeStats;
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
 * The last 15 minutes in steps of 15 seconds, for the page, the log line and the webhook: a process
 * without Prometheus can say how it came to this. Fed by {@link #sample}, which somebody calls each
 * step and every reader calls before it reads.
 *
 * <p>Its memory is bounded, and rows exist only for steps in which something happened: {@value
 * #MOST_MODELS} models of at most {@value #STEPS} rows of 160 bytes (0.6 MB), {@value #MOST_SCOPES}
 * scopes of some 2 KB.
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
  private final long[] waiting = new long[STEPS];
  private final boolean[] observing = new boolean[STEPS];
  private long newest;

  /**
   * @param scopes every scope with a budget, as it stands
   * @param clock nanoseconds that only grow
   */
  public History(CallMetrics metrics, Supplier<List<ScopeView>> scopes, LongSupplier clock) {
    this.metrics = metrics;
    this.scopes = scopes;
    this.clock = clock;
    this.began = clock.getAsLong();
  }

  /** Takes in what has happened since the last time. */
  public void sample() {
    lock.lock();
    try {
      // Inside: two readers that bring their views in the wrong order would count twice.
      List<ScopeView> views = scopes.get();
      long now = now();
      long step = now * MILLI / STEP_NANOS;
      turnTo(step);
      for (ModelSeries series : metrics.series()) {
        sample(series);
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
      metrics.utilized(utilization(views, now));
      int at = (int) (step % STEPS);
      waiting[at] = Math.max(waiting[at], waits);
      observing[at] = metrics.observing();
    } finally {
      lock.unlock();
    }
  }

  /** The last 15 minutes, until this moment. */
  public Quarter quarter() {
    sample();
    lock.lock();
    try {
      long now = now();
      List<Quarter.OfModel> ofModels = new ArrayList<>();
      models.forEach(
          (key, track) -> {
            if (!track.empty()) {
              ofModels.add(ofModel(key, track.sum(STEPS)));
            }
          });
      ofModels.sort(
          Comparator.comparing((Quarter.OfModel m) -> -m.counts().refused())
              .thenComparing(m -> -m.counts().calls()));
      Map<Limit, List<Long>> limited = new EnumMap<>(Limit.class);
      for (Limit limit : Limit.values()) {
        List<Long> steps = steps(Totals.LIMITED + limit.ordinal());
        if (steps.stream().anyMatch(n -> n > 0)) {
          limited.put(limit, steps);
        }
      }
      return new Quarter(
          STEP_NANOS / MILLI,
          steps(Totals.CALLS),
          steps(Totals.ATTEMPTS),
          limited,
          waitingSteps(),
          ofModels,
          situations(now),
          observed());
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

  /**
   * How full each limit is, by provider, model and limit as in the tags: the fullest of the owners.
   */
  private Map<List<String>, Double> utilization(List<ScopeView> views, long now) {
    Map<List<String>, Double> fullest = new HashMap<>();
    for (ScopeView view : views) {
      ScopeTrack track = tracks.get(List.of(view.provider(), view.owner(), view.model()));
      if (track == null) {
        continue;
      }
      String provider = metrics.providerTag(view.provider());
      String model = metrics.modelTag(withoutOperation(view.model()));
      // A scope that the state file told of: until its model is called, its tag would be "other".
      if (!last.containsKey(List.of(provider, model))) {
        continue;
      }
      for (LimitUsage use : track.uses(now)) {
        List<String> key = List.of(provider, model, use.now().limit().tag());
        fullest.merge(key, use.used(), Math::max);
      }
    }
    return fullest;
  }

  private void turnTo(long step) {
    for (long s = Math.max(newest + 1, step - STEPS + 1); s <= step; s++) {
      waiting[(int) (s % STEPS)] = 0;
      observing[(int) (s % STEPS)] = false;
    }
    newest = step;
    models.values().forEach(track -> track.turnTo(step));
  }

  private void sample(ModelSeries series) {
    List<String> key = List.of(series.provider(), series.model());
    long[] totals = series.totals();
    long[] before = last.put(key, totals);
    for (int i = 0; i < totals.length; i++) {
      long more = totals[i] - (before == null ? 0 : before[i]);
      if (more > 0) {
        track(key).add(i, more);
      }
    }
  }

  /** Models beyond the bound share a track. */
  private ModelTrack track(List<String> key) {
    ModelTrack known = models.get(key);
    if (known != null) {
      return known;
    }
    models.values().removeIf(track -> models.size() >= MOST_MODELS && track.empty());
    List<String> place =
        models.size() < MOST_MODELS ? key : List.of(BoundedNames.OTHER, BoundedNames.OTHER);
    return models.computeIfAbsent(place, k -> new ModelTrack(newest));
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

  private List<Long> steps(int index) {
    List<Long> steps = new ArrayList<>(STEPS);
    for (int age = STEPS - 1; age >= 0; age--) {
      long sum = 0;
      for (ModelTrack track : models.values()) {
        sum += track.at(age, index);
      }
      steps.add(sum);
    }
    return steps;
  }

  private List<Long> waitingSteps() {
    List<Long> steps = new ArrayList<>(STEPS);
    for (int age = STEPS - 1; age >= 0; age--) {
      long step = newest - age;
      steps.add(step < 0 ? 0 : waiting[(int) (step % STEPS)]);
    }
    return steps;
  }

  private static Quarter.OfModel ofModel(List<String> key, long[] row) {
    return new Quarter.OfModel(
        key.get(0),
        key.get(1),
        counts(row),
        row[Totals.RETRIES],
        row[Totals.GIVE_UPS],
        Quarter.Waits.of(row));
  }

  private static Counts counts(long[] row) {
    EnumMap<Limit, Long> limited = new EnumMap<>(Limit.class);
    for (Limit limit : Limit.values()) {
      if (row[Totals.LIMITED + limit.ordinal()] > 0) {
        limited.put(limit, row[Totals.LIMITED + limit.ordinal()]);
      }
    }
    return new Counts(
        row[Totals.CALLS],
        row[Totals.ATTEMPTS],
        limited,
        row[Totals.SERVER_ERRORS],
        row[Totals.REPEATED],
        Totals.waits(row),
        Totals.waitsFrom(row, 60));
  }

  private List<ScopeStats> situations(long now) {
    List<ScopeStats> situations = new ArrayList<>(tracks.size());
    Set<List<String>> told = new HashSet<>();
    for (ScopeTrack track : tracks.values()) {
      ScopeView view = track.view();
      String model = metrics.modelTag(withoutOperation(view.model()));
      List<String> key = List.of(view.provider(), model);
      // Names beyond the bound are counted together, so what happened to them is nobody's alone.
      ModelTrack counted = model.equals(BoundedNames.OTHER) ? null : models.get(key);
      told.add(key);
      situations.add(
          new ScopeStats(
              view,
              track.uses(now),
              counted == null ? Counts.NONE : counts(counted.sum(FIVE_MINUTES)),
              counted == null ? Counts.NONE : counts(counted.sum(STEPS)),
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
        none, List.of(), counts(track.sum(FIVE_MINUTES)), counts(track.sum(STEPS)), 0, 0, 0);
  }

  /** Operations with limits of their own are scopes of their own, but count with their model. */
  private static String withoutOperation(String model) {
    int hash = model.lastIndexOf('#');
    return hash > 0 ? model.substring(0, hash) : model;
  }

  private Quarter.Observed observed() {
    long[] row = new long[Totals.SIZE];
    long millis = 0;
    for (int age = 0; age < STEPS && age <= newest; age++) {
      if (observing[(int) ((newest - age) % STEPS)]) {
        millis += STEP_NANOS / MILLI;
        for (ModelTrack track : models.values()) {
          track.addTo(row, age);
        }
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
