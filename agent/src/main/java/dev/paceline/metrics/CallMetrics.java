package dev.paceline.metrics;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener;
import dev.paceline.config.Mode;
import dev.paceline.words.Client;
import dev.paceline.words.Failure;
import dev.paceline.words.FleetView;
import dev.paceline.words.Limit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Counts what happens to calls. Written by the application's threads: an event costs two look-ups
 * and one adder, and allocates nothing once its provider and model have been seen. Read by
 * exporters, whenever they like, through {@link #meters()}.
 */
public final class CallMetrics implements CallListener {
  /** How many distinct models get series of their own unless configured otherwise. */
  public static final int DEFAULT_MAX_MODELS = 50;

  /** More ids than the design names; hosts that the user maps can only name those. */
  private static final int MAX_PROVIDERS = 64;

  private static final int MAX_COMPONENTS = 32;

  /**
   * Longer names as sent are cleaned at every event rather than kept: the cache must not hold what
   * a hostile application invents.
   */
  private static final int MAX_CACHED_LENGTH = 256;

  private final Meters meters = new Meters();
  private final BoundedNames models;
  private final BoundedNames providers = new BoundedNames(MAX_PROVIDERS);
  private final BoundedNames components = new BoundedNames(MAX_COMPONENTS);

  private final Map<String, Map<String, Place>> places = new ConcurrentHashMap<>();
  private final AtomicInteger cached = new AtomicInteger();
  private final int maxCached;
  private final Map<List<String>, ModelSeries> series = new ConcurrentHashMap<>();
  private final ReentrantLock making = new ReentrantLock();

  private final Buckets overhead = meters.timer(Metric.OVERHEAD, Buckets.OVERHEAD_SECONDS);
  private final LongAdder[] bypassed = meters.counters(Metric.BYPASSED);
  private final LongAdder[] reloads = meters.counters(Metric.CONFIG_RELOADS);
  private final LongAdder modelOverflow = meters.counter(Metric.SERIES_OVERFLOW, "model");
  private final LongAdder providerOverflow = meters.counter(Metric.SERIES_OVERFLOW, "provider");
  private final AtomicIntegerArray active = new AtomicIntegerArray(Client.values().length);
  private final Levels utilization = new Levels(meters, Metric.LIMIT_UTILIZATION);
  private final Levels limits = new Levels(meters, Metric.LIMIT);
  private final Levels remaining = new Levels(meters, Metric.LIMIT_REMAINING);
  private final Levels waiting = new Levels(meters, Metric.WAITING);
  private volatile boolean observe;
  // No lambda: see Meters.
  private volatile BooleanSupplier enabled =
      new BooleanSupplier() {
        @Override
        public boolean getAsBoolean() {
          return true;
        }
      };

  /**
   * @param maxModels distinct models with series of their own; further ones count as {@code other}
   */
  public CallMetrics(int maxModels) {
    models = new BoundedNames(maxModels);
    maxCached = Math.max(64, 4 * maxModels);
    for (String component : Components.KNOWN) {
      meters.counter(Metric.AGENT_ERRORS, components.admit(component));
    }
    for (Client client : Client.values()) {
      meters.gauge(
          Metric.INSTRUMENTATION_ACTIVE,
          new DoubleSupplier() {
            @Override
            public double getAsDouble() {
              return active.get(client.ordinal());
            }
          },
          client.tag());
    }
    meters.gauge(
        Metric.ENABLED,
        new DoubleSupplier() {
          @Override
          public double getAsDouble() {
            return enabled.getAsBoolean() ? 1 : 0;
          }
        });
    meters.gauge(
        Metric.MODE,
        new DoubleSupplier() {
          @Override
          public double getAsDouble() {
            return observe ? 0 : 1;
          }
        });
  }

  /** With {@link #DEFAULT_MAX_MODELS}. */
  public CallMetrics() {
    this(DEFAULT_MAX_MODELS);
  }

  /** What {@code paceline.mode} says; counting is the same in both modes. */
  public void observing(boolean observing) {
    observe = observing;
  }

  /** Limits are shared with other processes from now on; to be said once. */
  public FleetMeters fleet(Supplier<FleetView> view) {
    return new FleetMeters(this, meters, view);
  }

  /** What {@code paceline.enabled} asks. */
  public void enabledWhile(BooleanSupplier manages) {
    enabled = manages;
  }

  /** Whether calls through the client come by the agent in this process. */
  public void instrumentationActive(Client client, boolean isActive) {
    active.set(client.ordinal(), isActive ? 1 : 0);
  }

  /** A changed configuration file was read; {@code ok} when it was taken over. */
  public void configReloaded(boolean ok) {
    reloads[ok ? 0 : 1].increment();
  }

  /**
   * Every series there is at the moment, in no order; live, and the same object each time. For
   * exporters.
   */
  public List<Meter> meters() {
    return meters.all();
  }

  /** Every series with its value now, ordered by name and tags. For people, JSON and JMX. */
  public List<MeterView> snapshot() {
    return meters.all().stream()
        .sorted(
            Comparator.comparing((Meter m) -> m.metric().id())
                .thenComparing(m -> String.join("\n", m.values())))
        .map(MeterView::of)
        .toList();
  }

  /** The adders of every provider and model. */
  Collection<ModelSeries> series() {
    return series.values();
  }

  /** Whether the newest call of this provider and model, as in the tags, was enforced. */
  boolean enforces(List<String> key) {
    ModelSeries known = series.get(key);
    return known == null || known.enforced();
  }

  /** The value of the {@code model} tag under which a model, as sent, is counted. */
  String modelTag(String model) {
    return models.find(BoundedNames.clean(model));
  }

  /** The same of the {@code provider} tag. */
  String providerTag(String provider) {
    return providers.find(BoundedNames.clean(provider));
  }

  /** What the gauges of {@link History} say; see {@link Levels#show}. */
  void levels(
      Map<List<String>, Double> used,
      Map<List<String>, Double> limit,
      Map<List<String>, Double> left,
      Map<List<String>, Double> queued) {
    utilization.show(used);
    limits.show(limit);
    remaining.show(left);
    waiting.show(queued);
  }

  /** Whether calls to any model are observed, by rule or in general. */
  boolean observesAny() {
    if (observe) {
      return true;
    }
    for (ModelSeries one : series.values()) {
      if (!one.enforced()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void callStarted(CallInfo call) {
    Place place = place(call);
    place.series.started(call.client());
    if (place.modelFolded) {
      modelOverflow.increment();
    }
    if (place.providerFolded) {
      providerOverflow.increment();
    }
  }

  @Override
  public void attemptSent(CallInfo call, int attempt) {
    place(call).series.sent();
  }

  @Override
  public void attemptEnded(CallInfo call, int attempt, int status) {
    place(call).series.answered(status);
  }

  @Override
  public void limited(CallInfo call, Limit limit, Source source) {
    place(call).series.limited(limit, source);
  }

  @Override
  public void tooLarge(CallInfo call) {
    place(call).series.tooLarge();
  }

  @Override
  public void repeated(CallInfo call) {
    place(call).series.repeated();
  }

  @Override
  public void avoidable(CallInfo call, Limit limit, Remedy by) {
    place(call).series.avoidable(by);
  }

  @Override
  public void waited(CallInfo call, Limit limit, WaitReason reason, long nanos) {
    place(call).series.waited(limit, reason, nanos);
  }

  @Override
  public void retried(CallInfo call, RetryReason reason) {
    place(call).series.retried(reason);
  }

  @Override
  public void gaveUp(CallInfo call, GiveUpReason reason) {
    place(call).series.gaveUp(reason);
  }

  @Override
  public void callEnded(CallInfo call, Outcome outcome, long overheadNanos) {
    place(call).series.ended(call.client(), outcome);
    overhead.record(overheadNanos);
  }

  @Override
  public void tokensEstimated(CallInfo call, long input, long output) {
    ModelSeries series = place(call).series;
    series.tokens(TokenKind.ESTIMATED, input, 0, output);
    series.size(input);
  }

  @Override
  public void tokensUsed(
      CallInfo call, long input, long cached, long output, double promptByEstimate) {
    ModelSeries series = place(call).series;
    series.tokens(TokenKind.ACTUAL, input, cached, output);
    if (promptByEstimate > 0) {
      series.ratio(promptByEstimate);
    }
  }

  @Override
  public void handled(CallInfo call, Mode mode) {
    place(call).series.handled(mode == Mode.ENFORCE);
  }

  @Override
  public void failed(CallInfo call, Failure failure) {
    place(call).series.failed(failure);
  }

  @Override
  public void served(CallInfo call, long nanos, long waitedNanos) {
    place(call).series.served(nanos, waitedNanos);
  }

  @Override
  public void bypassed(BypassReason reason) {
    bypassed[reason.ordinal()].increment();
  }

  @Override
  public void fault(String component, Throwable fault) {
    // The throwable's text may quote a request: only where it came from is counted.
    meters
        .counter(Metric.AGENT_ERRORS, components.admit(BoundedNames.clean(component)))
        .increment();
  }

  private Place place(CallInfo call) {
    Map<String, Place> ofProvider = places.get(call.provider());
    Place place = ofProvider == null ? null : ofProvider.get(call.model());
    return place != null ? place : find(call);
  }

  private Place find(CallInfo call) {
    String cleanProvider = BoundedNames.clean(call.provider());
    String cleanModel = BoundedNames.clean(call.model());
    String provider = providers.admit(cleanProvider);
    String model = models.admit(cleanModel);
    ModelSeries found = series(provider, model);
    Place place = new Place(found, !model.equals(cleanModel), !provider.equals(cleanProvider));
    if (mayCache(call)) {
      keep(call, place);
    }
    return place;
  }

  private ModelSeries series(String provider, String model) {
    List<String> key = List.of(provider, model);
    ModelSeries known = series.get(key);
    return known != null ? known : newSeries(key);
  }

  /** Under a lock, for a second gauge of the same model would count attempts that nobody reads. */
  private ModelSeries newSeries(List<String> key) {
    making.lock();
    try {
      ModelSeries known = series.get(key);
      if (known == null) {
        known = new ModelSeries(meters, key.get(0), key.get(1), !observe);
        series.put(key, known);
      }
      return known;
    } finally {
      making.unlock();
    }
  }

  private void keep(CallInfo call, Place place) {
    Map<String, Place> made = new ConcurrentHashMap<>();
    Map<String, Place> earlier = places.putIfAbsent(call.provider(), made);
    if ((earlier != null ? earlier : made).putIfAbsent(call.model(), place) == null) {
      cached.incrementAndGet();
    }
  }

  private boolean mayCache(CallInfo call) {
    return cached.get() < maxCached
        && call.model().length() <= MAX_CACHED_LENGTH
        && call.provider().length() <= MAX_CACHED_LENGTH;
  }

  /**
   * Where the events of a provider and model, spelled as on the wire, are counted.
   *
   * @param modelFolded whether the model came too late for series of its own
   * @param providerFolded the same for the provider
   */
  private record Place(ModelSeries series, boolean modelFolded, boolean providerFolded) {}
}
