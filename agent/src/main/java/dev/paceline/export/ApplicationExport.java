package dev.paceline.export;

import dev.paceline.beside.BesideLoader;
import dev.paceline.call.CallInfo;
import dev.paceline.call.CallTrace;
import dev.paceline.call.CallTracer;
import dev.paceline.config.MetricsExport;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Meter;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters in whatever the application reports its own figures through: each Micrometer and each
 * OpenTelemetry API that one of its loaders has, joined when its entry class has been seen.
 *
 * <p>What is made beside a library hangs off the library's own class by a {@link ClassValue}, so
 * that an undeployed application goes; the agent holds nothing of it.
 */
public final class ApplicationExport implements CallTracer {
  private static final String BESIDE = "dev.paceline.export.beside.";
  private static final String METRICS = "io.micrometer.core.instrument.Metrics";
  private static final String OPEN_TELEMETRY = "io.opentelemetry.api.GlobalOpenTelemetry";

  /** All that an application uses of the API when its SDK is not the global one. */
  private static final String SPAN = "io.opentelemetry.api.trace.Span";

  private static final String MICROMETER_OUTLET = BESIDE + "MicrometerOutlet";
  private static final String OPEN_TELEMETRY_OUTLET = BESIDE + "OpenTelemetryOutlet";

  /** In the boot loader of every distribution of OpenTelemetry's agent. */
  private static final String OTEL_AGENT = "io.opentelemetry.javaagent.bootstrap.AgentInitializer";

  private final CallMetrics metrics;
  private final MetricsExport what;
  private final Map<String, String> commonTags;
  private final String version;
  private final Function<String, List<ClassLoader>> loadersOf;
  private final BiConsumer<String, Throwable> faults;
  private final Supplier<List<Meter>> source;

  private final ClassValue<Outlet> outlets =
      new ClassValue<>() {
        @Override
        protected Outlet computeValue(Class<?> entry) {
          return create(entry);
        }
      };

  /** Of the OpenTelemetry agent, which bridges our own copy of the API. */
  private @Nullable TraceOutlet ofAgent;

  private volatile List<WeakReference<TraceOutlet>> tracers = List.of();

  /**
   * @param commonTags put on every series
   * @param version the agent's
   * @param loadersOf the loaders that have defined a class, by its internal name
   * @param faults hears what a library threw; it is left alone then
   */
  public ApplicationExport(
      CallMetrics metrics,
      MetricsExport what,
      Map<String, String> commonTags,
      String version,
      Function<String, List<ClassLoader>> loadersOf,
      BiConsumer<String, Throwable> faults) {
    this.metrics = metrics;
    this.source = metrics::meters;
    this.what = what;
    this.commonTags = Map.copyOf(commonTags);
    this.version = version;
    this.loadersOf = loadersOf;
    this.faults = faults;
  }

  /** Joins what has appeared and brings all up to date; on the exporter's thread. */
  public void tick() {
    if (what == MetricsExport.NONE) {
      return;
    }
    List<Meter> meters = metrics.meters();
    boolean bridged = false;
    if (what != MetricsExport.OTEL) {
      for (Outlet micrometer : outletsOf(METRICS, METRICS)) {
        micrometer.publish(meters);
        bridged |= micrometer.reachesOpenTelemetry();
      }
    }
    List<WeakReference<TraceOutlet>> found = new ArrayList<>();
    for (TraceOutlet openTelemetry : openTelemetries()) {
      if (what == MetricsExport.OTEL || (what == MetricsExport.AUTO && !bridged)) {
        openTelemetry.publish(meters);
      } else {
        openTelemetry.withdraw();
      }
      openTelemetry.look();
      found.add(new WeakReference<>(openTelemetry));
    }
    tracers = found;
  }

  @Override
  public CallTrace begin(CallInfo call) {
    TraceOutlet chosen = null;
    for (WeakReference<TraceOutlet> reference : tracers) {
      TraceOutlet tracer = reference.get();
      if (tracer != null && (chosen == null || tracer.inTrace())) {
        chosen = tracer;
      }
    }
    return chosen == null ? CallTrace.NONE : chosen.begin(call);
  }

  /**
   * Under OpenTelemetry's agent all copies of the API lead to its one SDK: through more than one of
   * them everything would count twice.
   */
  private List<TraceOutlet> openTelemetries() {
    TraceOutlet agents = ofAgent;
    if (agents == null && seesOpenTelemetrysAgent()) {
      agents = new Guarded(null, openTelemetry(getClass().getClassLoader()), faults);
      ofAgent = agents;
    }
    if (agents != null && agents.look()) {
      return List.of(agents);
    }
    List<TraceOutlet> all = new ArrayList<>();
    for (Outlet outlet : outletsOf(OPEN_TELEMETRY, OPEN_TELEMETRY, SPAN)) {
      all.add((TraceOutlet) outlet);
    }
    return all;
  }

  private static boolean seesOpenTelemetrysAgent() {
    try {
      Class.forName(OTEL_AGENT, false, null);
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /**
   * @param seen classes by which a loader with the library is known
   */
  private List<Outlet> outletsOf(String entry, String... seen) {
    Set<ClassLoader> loaders = new LinkedHashSet<>();
    for (String name : seen) {
      loaders.addAll(loadersOf.apply(name.replace('.', '/')));
    }
    List<Outlet> all = new ArrayList<>();
    for (ClassLoader loader : loaders) {
      try {
        all.add(outlets.get(Class.forName(entry, false, loader)));
      } catch (ClassNotFoundException | LinkageError e) {
        // Its definition failed, or the loader has been closed.
      }
    }
    return all;
  }

  private Outlet create(Class<?> entry) {
    boolean micrometer = entry.getName().equals(METRICS);
    BesideLoader loader = new BesideLoader(entry.getClassLoader(), BESIDE);
    return new Guarded(
        entry.getClassLoader(), micrometer ? micrometer(loader) : openTelemetry(loader), faults);
  }

  private Supplier<Outlet> micrometer(ClassLoader loader) {
    return () ->
        made(loader, MICROMETER_OUTLET, new Class<?>[] {Map.class}, new Object[] {commonTags});
  }

  private Supplier<Outlet> openTelemetry(@Nullable ClassLoader loader) {
    return () ->
        made(
            loader,
            OPEN_TELEMETRY_OUTLET,
            new Class<?>[] {Supplier.class, Map.class, String.class},
            new Object[] {source, commonTags, version});
  }

  private static Outlet made(
      @Nullable ClassLoader loader, String name, Class<?>[] types, Object[] arguments) {
    try {
      return (Outlet)
          Class.forName(name, true, loader).getConstructor(types).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
