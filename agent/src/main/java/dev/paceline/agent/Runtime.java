package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.Policies;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.UnrecognisedCalls;
import dev.paceline.config.ConfigWatcher;
import dev.paceline.config.ConsoleStart;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Keys;
import dev.paceline.config.LogLevel;
import dev.paceline.config.Mode;
import dev.paceline.config.Problem;
import dev.paceline.config.Settings;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.okhttp.Woven;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Provider;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.record.CallRecorder;
import dev.paceline.threads.AgentThreads;
import dev.paceline.words.Client;
import java.io.File;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Builds the rooms, each as late as it can be: adapters when their client is woven, configuration
 * and the call room at the first request of a hooked client, threads, console and libraries at the
 * first call to an LLM.
 */
final class Runtime
    implements Supplier<Calls>, LongSupplier, Woven, Thread.UncaughtExceptionHandler {
  /** Longest time that a request waits for it; usually it takes some 50 ms. */
  private static final long BUILD_NANOS = 5_000_000_000L;

  /** What cannot be built is tried again: a heap may have been exhausted for a moment. */
  private static final long BUILD_AGAIN_NANOS = 10_000_000_000L;

  private final String arguments;
  private final Instrumentation instrumentation;
  private final File jar;
  private final Log log = new Log();
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Client> woven = EnumSet.noneOf(Client.class);
  private final ReentrantLock weaving = new ReentrantLock();

  /** Under {@link #weaving}; weak: an undeployed application goes. */
  private final WeakHashMap<Object, Set<String>> wovenClasses = new WeakHashMap<>();

  private final Set<String> hooked = new HashSet<>();
  private @Nullable OnDeepStack building; // guarded by the lock
  private long buildingSince; // guarded by the lock
  private final ReplayPool copies = new ReplayPool(this);
  private final ReentrantLock reading = new ReentrantLock();

  /** Lines about problems of the configuration; guarded by {@link #reading}. */
  private final Set<String> told = new HashSet<>();

  private volatile @Nullable Calls calls;
  private volatile @Nullable CallMetrics metrics;
  private volatile @Nullable FirstCall firstCall;
  private volatile @Nullable ConfigWatcher config;

  Runtime(@Nullable String arguments, Instrumentation instrumentation, File jar) {
    this.arguments = arguments == null ? "" : arguments;
    this.instrumentation = instrumentation;
    this.jar = jar;
  }

  Log log() {
    return log;
  }

  /**
   * A class of a client was woven: from now on its hook is asked. A second loader that weaves the
   * same class waits here until the hook is there: clients built before had no interceptor.
   */
  void woven(@Nullable ClassLoader loader, String className) {
    weaving.lock();
    try {
      Set<String> classes = wovenClasses.get(key(loader));
      if (classes == null) { // no lambda: this runs before the first request
        classes = new HashSet<>();
        wovenClasses.put(key(loader), classes);
      }
      classes.add(className);
      if (hooked.add(className)) {
        install(className);
      }
    } finally {
      weaving.unlock();
    }
  }

  private void install(String className) {
    Bridge.onFault(this);
    switch (className) {
      case "jdk/internal/net/http/HttpClientFacade" -> {
        Bridge.install(new dev.paceline.jdkhttp.JdkAdapter(this, copies, instrumentation));
        woven.add(Client.JDK);
      }
      case "okhttp3/OkHttpClient" -> {
        Bridge.install(new dev.paceline.okhttp.OkHttpAdapter(this, this, copies, instrumentation));
        woven.add(Client.OKHTTP);
      }
      default -> {}
    }
  }

  /** A map's key for the boot loader. */
  private static Object key(@Nullable ClassLoader loader) {
    return loader == null ? Runtime.class : loader;
  }

  // The four ports are implemented here instead of by lambdas: the first lambda of a JVM costs tens
  // of milliseconds, and this runs before any request.

  /** The call room; built at the first request of a hooked client. */
  @Override
  public Calls get() {
    return calls();
  }

  @Override
  public boolean isWoven(@Nullable ClassLoader loader, String className) {
    weaving.lock();
    try {
      Set<String> classes = wovenClasses.get(key(loader));
      return classes != null && classes.contains(className);
    } finally {
      weaving.unlock();
    }
  }

  /** Memory for copies of request bodies; 0 before the configuration was read. */
  @Override
  public long getAsLong() {
    ConfigWatcher watcher = config;
    return watcher == null
        ? 0
        : watcher.current().replayMaxBytes(java.lang.Runtime.getRuntime().maxMemory());
  }

  /** What Bridge's barriers caught. */
  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    calls().fault("bridge", fault);
  }

  private Calls calls() {
    Calls built = calls;
    return built != null ? built : build();
  }

  /**
   * On a thread of the agent's, which the application's waits for: a stack overflow in a class
   * initialiser would switch the agent off for good, and a configuration file that hangs the call.
   */
  private Calls build() {
    OnDeepStack work;
    lock.lock();
    try {
      Calls built = calls;
      if (built != null) {
        return built;
      }
      OnDeepStack begun = building;
      long now = System.nanoTime();
      if (begun == null || (begun.failure() != null && now - buildingSince > BUILD_AGAIN_NANOS)) {
        begun = OnDeepStack.start("build", BUILD_NANOS, () -> calls = newCalls());
        building = begun;
        buildingSince = now;
      }
      work = begun;
    } finally {
      lock.unlock();
    }
    boolean over = work.await();
    Calls built = calls;
    if (built != null) {
      return built;
    }
    Throwable failure = work.failure();
    throw failure != null
        ? new IllegalStateException("it cannot be set up: " + failure, failure)
        : new IllegalStateException("setting it up takes too long; over: " + over);
  }

  /** The configuration as it is at the first request: a program's main may have set properties. */
  private ConfigWatcher config() {
    ConfigWatcher known = config;
    if (known != null) {
      return known;
    }
    reading.lock();
    try {
      known = config;
      if (known == null) {
        known = read();
        config = known;
      }
      return known;
    } finally {
      reading.unlock();
    }
  }

  /** Reads it as it is now, and tells those of its problems that were not told yet. */
  private ConfigWatcher read() {
    reading.lock();
    try {
      ConfigWatcher read =
          new ConfigWatcher(
              Inputs.ofProcess(arguments),
              new DiskFiles(),
              Runtime::providerId,
              settings -> changed(settings, calls, metrics),
              log::info);
      Settings settings = read.current();
      log.level(settings.get(Keys.LOG), settings.get(Keys.LOG_FORMAT));
      for (String line : Problem.lines(settings.problems())) {
        if (told.add(line)) {
          log.warn(line);
        }
      }
      return read;
    } finally {
      reading.unlock();
    }
  }

  /** Something is configured: says what is wrong with it, and does what is to be done early. */
  void atStart() {
    Settings settings = read().current();
    Banner banner = new Banner(settings, Version.TEXT);
    FirstCall first = null;
    if (settings.get(Keys.CONSOLE_START) == ConsoleStart.EARLY && settings.enabled()) {
      calls();
      first = firstCall;
    }
    if (first != null) {
      Optional<URI> address = first.openEarly();
      log.info(settings.get(Keys.BANNER) ? banner.early(address) : banner.console(address));
    } else if (settings.get(Keys.BANNER)) {
      log.info(banner.lazy());
    }
  }

  private Calls newCalls() {
    SystemClock clock = new SystemClock();
    ConfigWatcher config = config();
    Settings settings = config.current();
    CallMetrics metrics = new CallMetrics(settings.get(Keys.METRICS_MAX_MODELS));
    this.metrics = metrics;
    metrics.observing(settings.mode() == Mode.OBSERVE);
    woven.forEach(client -> metrics.instrumentationActive(client, true));

    SecureRandom random = new SecureRandom();
    Switch operator = new Switch();
    Policies policies = new ConfiguredPolicies(config, operator);
    String stateFile = settings.get(Keys.STATE_FILE);
    StateFile state = stateFile.isEmpty() ? null : stateFile(stateFile, clock, random);
    ToLongFunction<String> hash =
        state == null ? new KeyedHash(random.nextLong(), random.nextLong()) : state;
    FleetSetup fleet = new FleetSetup(settings, hash);
    Runnable firstTry =
        () -> WarmUp.run(clock, policies, new CallMetrics(1), new KeyedHash(random.nextLong(), 0L));
    FirstCall firstCall = new FirstCall(config, operator, metrics, log, firstTry);
    Calls built =
        new Calls(
            clock,
            new SystemTimer(clock),
            () -> ThreadLocalRandom.current().nextDouble(),
            policies,
            metrics,
            new Recognizer(hosts(settings)),
            new Classifier(),
            fleet.hash(),
            log::warn,
            firstCall,
            task -> AgentThreads.daemon("tokens", task).start());
    firstCall.calls(built);
    metrics.enabledWhile(() -> built.off() == null);
    if (state != null) {
      built.remembering(state);
      firstCall.keeps(new StateKeeper(state, built, metrics));
    }
    this.firstCall = firstCall;
    built.unrecognised(
        new UnrecognisedCalls(settings.get(Keys.LOG) == LogLevel.DEBUG, log::debug, log::warn));
    fleet.start(built, clock, metrics, log, firstCall);
    String recordFile = settings.get(Keys.RECORD_FILE);
    if (!recordFile.isEmpty()) {
      record(recordFile, settings, built, clock, firstCall, metrics);
    }
    if (config.followsFile()) {
      Rounds.start(
          "config",
          ConfigWatcher.PERIOD_NANOS,
          () -> follow(config, metrics),
          t -> metrics.fault("config", t));
    }
    return built;
  }

  private @Nullable StateFile stateFile(String path, SystemClock clock, SecureRandom random) {
    try {
      StateFile file =
          new StateFile(
              Path.of(path),
              clock,
              random::nextLong,
              log::warn,
              task -> AgentThreads.daemon("state-read", task).start());
      file.open();
      return file;
    } catch (InvalidPathException e) {
      log.warn("paceline.state.file is ignored: it is not a path");
      return null;
    }
  }

  private void record(
      String path,
      Settings settings,
      Calls calls,
      SystemClock clock,
      FirstCall firstCall,
      CallMetrics metrics) {
    try {
      RecordFile file =
          new RecordFile(
              path,
              settings.get(Keys.RECORD_MAX_SIZE),
              settings.get(Keys.RECORD_KEEP),
              log::warn,
              t -> metrics.fault("record", t));
      calls.recorder(new CallRecorder(clock, file));
      firstCall.records(file);
    } catch (InvalidPathException e) {
      log.warn("paceline.record.file is ignored: it is not a path");
    }
  }

  private static Optional<String> providerId(String name) {
    return Optional.ofNullable(Providers.find(name)).map(Provider::id);
  }

  private MappedHosts hosts(Settings settings) {
    String text =
        settings.get(Keys.HOSTS).stream().map(Object::toString).collect(Collectors.joining(","));
    try {
      return MappedHosts.parse(text);
    } catch (IllegalArgumentException e) {
      log.warn("paceline.hosts is ignored: " + e.getMessage());
      return MappedHosts.NONE;
    }
  }

  private static void changed(
      Settings settings, @Nullable Calls calls, @Nullable CallMetrics metrics) {
    if (metrics != null) {
      metrics.observing(settings.mode() == Mode.OBSERVE);
    }
    if (calls != null) {
      calls.settingsChanged();
    }
    // Whoever waits under the old settings would wait on although the agent may no longer touch
    // anything. A mode that has become observe is followed scope by scope: a rule may enforce.
    if (calls != null && !settings.enabled()) {
      calls.releaseWaits();
    }
  }

  /**
   * Polls rather than watches: a Kubernetes ConfigMap swaps a symlink, which file notifications
   * miss.
   */
  private static void follow(ConfigWatcher config, CallMetrics metrics) {
    FaultPoint.pass("config");
    switch (config.poll()) {
      case APPLIED -> metrics.configReloaded(true);
      case REFUSED -> metrics.configReloaded(false);
      case UNCHANGED -> {}
    }
  }
}
