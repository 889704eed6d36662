package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.config.ConfigWatcher;
import dev.paceline.config.Keys;
import dev.paceline.config.PageFor;
import dev.paceline.config.Settings;
import dev.paceline.console.Console;
import dev.paceline.console.ConsoleSettings;
import dev.paceline.console.Facts;
import dev.paceline.export.MicrometerExport;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.History;
import dev.paceline.metrics.Quarter;
import dev.paceline.metrics.Span;
import dev.paceline.threads.AgentThreads;
import dev.paceline.words.FleetView;
import dev.paceline.words.ScopeView;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What begins with the first call to an LLM: the one line, the console, the shutdown hook. On a
 * thread of the agent's own, never on the application's.
 */
final class FirstCall implements Runnable {
  private static final long TRY_NANOS = 2_000_000_000L;

  private final ConfigWatcher config;
  private final Switch operator;
  private final CallMetrics metrics;
  private final Log log;
  private final Runnable firstTry;
  private final History history;
  private final long started = System.nanoTime();
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable Console opened;
  private volatile @Nullable Calls calls;
  private volatile @Nullable StateKeeper keeper;
  private volatile @Nullable RecordFile recordFile;
  private volatile @Nullable Supplier<FleetView> fleet;

  /**
   * @param firstTry loads and initialises what a call needs
   */
  FirstCall(
      ConfigWatcher config, Switch operator, CallMetrics metrics, Log log, Runnable firstTry) {
    this.firstTry = firstTry;
    this.config = config;
    this.operator = operator;
    this.metrics = metrics;
    this.log = log;
    this.history = new History(metrics, this::scopes, System::nanoTime);
  }

  void calls(Calls calls) {
    this.calls = calls;
  }

  /** What is learned is kept in a file. */
  void keeps(StateKeeper stateKeeper) {
    keeper = stateKeeper;
  }

  /** Calls are written down. */
  void records(RecordFile file) {
    recordFile = file;
  }

  /** Limits are shared with other processes. */
  void shares(Supplier<FleetView> view) {
    fleet = view;
  }

  @Override
  public void run() {
    // The first call waits for what it needs itself, and no longer.
    OnDeepStack ready = OnDeepStack.start("start", TRY_NANOS, this::tryFirst);
    ready.await();
    Throwable failure = ready.failure();
    if (failure != null) {
      metrics.fault("request", failure);
    }
  }

  private void tryFirst() {
    try {
      firstTry.run();
    } finally {
      AgentThreads.deep("setup", this::start).start();
    }
  }

  /** Opens the console before any call, and tells where; what else begins waits for a call. */
  Optional<URI> openEarly() {
    try {
      return console().open();
    } catch (Throwable t) {
      failed(t);
      return Optional.empty();
    }
  }

  private void start() {
    Exports exports = exports(history);
    try {
      Calls room = calls;
      if (room != null) {
        StateKeeper state = keeper;
        java.lang.Runtime.getRuntime()
            .addShutdownHook(
                AgentThreads.daemon(
                    "shutdown",
                    () -> {
                      if (state == null) {
                        room.shutdown();
                      } else {
                        state.shutdown();
                      }
                      RecordFile file = recordFile;
                      if (file != null) {
                        file.finish();
                      }
                      if (exports != null) {
                        exports.finish();
                      }
                    }));
        if (state != null) {
          state.start();
        }
      }
    } catch (IllegalStateException shuttingDown) {
      return;
    }
    if (exports != null) {
      exports.start();
    }
    try {
      boolean told = opened != null;
      Optional<URI> address = console().open();
      if (!told) {
        log.info(new Banner(config.current(), Version.TEXT).console(address));
      }
    } catch (Throwable t) {
      failed(t);
    }
  }

  private void failed(Throwable t) {
    metrics.fault("console", t);
    log.warn("the console did not start: " + t.getClass().getName());
  }

  /** The console, made when it is first asked for: at the start, or with the first call. */
  private Console console() {
    opening.lock();
    try {
      Console console = opened;
      if (console == null) {
        FaultPoint.pass("console");
        Settings settings = config.current();
        Map<String, String> tags = settings.get(Keys.METRICS_TAGS);
        console =
            new Console(
                new ConsoleSettings(
                    settings.get(Keys.CONSOLE_HOST),
                    settings.consolePort().orElse(ConsoleSettings.OFF),
                    settings.get(Keys.CONSOLE_PAGE) == PageFor.PUBLIC,
                    settings.get(Keys.CONSOLE_PAGE_HOST)),
                new MicrometerExport(metrics, tags, Version.TEXT),
                metrics::snapshot,
                new AgentFacts(tags, history),
                log::warn,
                metrics::fault);
        opened = console;
      }
      return console;
    } finally {
      opening.unlock();
    }
  }

  private @Nullable Exports exports(History history) {
    try {
      return new Exports(config, operator, metrics, history, this::scopes, calls, log);
    } catch (Throwable t) {
      metrics.fault("export", t);
      return null;
    }
  }

  private List<ScopeView> scopes() {
    Calls room = calls;
    return room == null ? List.of() : ScopeViews.of(room.view());
  }

  private final class AgentFacts implements Facts {
    private final Map<String, String> tags;
    private final History history;

    AgentFacts(Map<String, String> tags, History history) {
      this.tags = tags;
      this.history = history;
    }

    @Override
    public String version() {
      return Version.TEXT;
    }

    @Override
    public String mode() {
      return config.current().mode().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean enabled() {
      return off().isEmpty();
    }

    @Override
    public String off() {
      Calls room = calls;
      BypassReason reason = room == null ? null : room.off();
      if (reason == null) {
        return "";
      }
      return reason == BypassReason.FAULTS ? "faults" : operator.on() ? "configuration" : "jmx";
    }

    @Override
    public String host() {
      return HostName.get();
    }

    @Override
    public long pid() {
      return ProcessHandle.current().pid();
    }

    @Override
    public long startedMillis() {
      return ProcessHandle.current()
          .info()
          .startInstant()
          .map(Instant::toEpochMilli)
          .orElseGet(() -> System.currentTimeMillis() - uptimeSeconds() * 1_000);
    }

    @Override
    public long uptimeSeconds() {
      return (System.nanoTime() - started) / 1_000_000_000L;
    }

    @Override
    public Map<String, String> service() {
      return tags;
    }

    @Override
    public List<ScopeView> scopes() {
      return FirstCall.this.scopes();
    }

    @Override
    public Optional<FleetView> fleet() {
      return Optional.ofNullable(fleet).map(Supplier::get);
    }

    @Override
    public Quarter over(Span span) {
      return history.over(span);
    }

    @Override
    public List<String> coverage() {
      return Bridge.uncovered().stream()
          .map(name -> name.replace('/', '.') + " is loaded; calls through it are not paced")
          .sorted()
          .toList();
    }
  }
}
