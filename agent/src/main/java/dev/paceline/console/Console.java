package dev.paceline.console;

import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.MeterView;
import dev.paceline.threads.AgentThreads;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The console's life: started once, off the application's threads, and stopped by a shutdown hook.
 * Whatever goes wrong is one warning; the application neither waits for it nor fails with it.
 */
public final class Console implements AutoCloseable {
  /**
   * Longest time for reading a request and writing its answer: Prometheus' own default time-out for
   * a scrape.
   */
  private static final long LIMIT_MILLIS = 10_000;

  private static final long HOOK_MILLIS = 300;

  private final ConsoleSettings settings;
  private final Exposition exposition;
  private final Supplier<List<MeterView>> meters;
  private final Facts facts;
  private final Consumer<String> warnings;
  private final BiConsumer<String, Throwable> faults;
  private final long limitMillis;
  private final LongSupplier nanos;

  private final ReentrantLock life = new ReentrantLock();
  private @Nullable Server server;
  private @Nullable Thread hook;
  private boolean over;

  /**
   * @param exposition what {@code /metrics} answers
   * @param meters what the page and the JSON show
   * @param warnings takes one line for a person; called on the console's thread
   * @param faults takes a component and what failed in it while a request was answered
   */
  public Console(
      ConsoleSettings settings,
      Exposition exposition,
      Supplier<List<MeterView>> meters,
      Facts facts,
      Consumer<String> warnings,
      BiConsumer<String, Throwable> faults) {
    this(settings, exposition, meters, facts, warnings, faults, LIMIT_MILLIS, System::nanoTime);
  }

  Console(
      ConsoleSettings settings,
      Exposition exposition,
      Supplier<List<MeterView>> meters,
      Facts facts,
      Consumer<String> warnings,
      BiConsumer<String, Throwable> faults,
      long limitMillis,
      LongSupplier nanos) {
    this.settings = settings;
    this.exposition = exposition;
    this.meters = meters;
    this.facts = facts;
    this.warnings = warnings;
    this.faults = faults;
    this.limitMillis = limitMillis;
    this.nanos = nanos;
  }

  /**
   * Opens the console on a daemon thread of its own and returns at once.
   *
   * @param opened told the address when the console listens, nothing when it is off or could not;
   *     on the console's thread
   */
  public void start(Consumer<Optional<URI>> opened) {
    AgentThreads.daemon("console-start", () -> openAndTell(opened)).start();
  }

  private void openAndTell(Consumer<Optional<URI>> opened) {
    try {
      opened.accept(open());
    } catch (Throwable e) { // or the application's handler for uncaught exceptions would hear of it
      faults.accept("console", e);
    }
  }

  /**
   * Opens the console on the calling thread.
   *
   * @return where it listens; empty when it is off, closed, or could not start
   */
  public Optional<URI> open() {
    if (settings.port() == ConsoleSettings.OFF) {
      return Optional.empty();
    }
    life.lock();
    try {
      if (server == null && !over) {
        addHook();
        server = listen();
      }
      return server == null ? Optional.empty() : Optional.of(server.address());
    } catch (ShuttingDown e) {
      over = true;
      return Optional.empty();
    } catch (Throwable e) { // any of it: never worse than absent
      over = true;
      removeHook();
      warnings.accept(problem(e));
      return Optional.empty();
    } finally {
      life.unlock();
    }
  }

  private Server listen() throws IOException {
    InetAddress host = address(settings.host());
    InetAddress pageHost = settings.pageHost().isEmpty() ? null : address(settings.pageHost());
    if (pageHost != null && !pageHost.isLoopbackAddress()) {
      warnings.accept(
          "paceline.console.page.host="
              + settings.pageHost()
              + " is not used: it is no loopback address (paceline.console.page=public serves the"
              + " page everywhere)");
      pageHost = null;
    }
    Pages.Access access =
        settings.publicPage()
            ? Pages.Access.PUBLIC
            : host.isLoopbackAddress() ? Pages.Access.LOCAL : Pages.Access.METRICS_ONLY;
    Pages pages = new Pages(exposition, meters, facts, faults, access, pageHost, nanos);
    // An address that stands for all of the machine's takes connections to the page's as well.
    boolean second = pageHost != null && !host.isAnyLocalAddress() && !host.equals(pageHost);
    return new Server(settings, host, second ? pageHost : null, pages, faults, limitMillis);
  }

  /** As in a URL, too, which is where people copy an IPv6 address from. */
  private static InetAddress address(String name) throws UnknownHostException {
    boolean brackets = name.startsWith("[") && name.endsWith("]");
    return InetAddress.getByName(brackets ? name.substring(1, name.length() - 1) : name);
  }

  /** Stops listening and ends the threads. For good: a closed console does not open again. */
  @Override
  public void close() {
    life.lock();
    try {
      over = true;
      removeHook();
      Server running = server;
      server = null;
      if (running != null) {
        running.close();
      }
    } finally {
      life.unlock();
    }
  }

  /** A thread that is blocked in accept can hold up the JVM's exit by some 300 ms. */
  private void addHook() {
    Thread stop = AgentThreads.daemon("console-stop", this::closeSoon);
    try {
      Runtime.getRuntime().addShutdownHook(stop);
      hook = stop;
    } catch (IllegalStateException e) {
      throw new ShuttingDown(e);
    }
  }

  /** In the shutdown hook: opening may hang in a look-up of a name, and the JVM must end. */
  private void closeSoon() {
    try {
      if (life.tryLock(HOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          close();
        } finally {
          life.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeHook() {
    Thread stop = hook;
    hook = null;
    if (stop == null || Thread.currentThread() == stop) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // Too late: the JVM shuts down and the hook finds nothing left to do.
    }
  }

  private String problem(Throwable e) {
    String where = settings.host() + ":" + settings.port();
    if (e instanceof BindException) {
      return "the console did not start: "
          + where
          + " is taken or not an address of this machine ("
          + e.getMessage()
          + "); set paceline.console.port to another port, to 0 for any, or to off";
    }
    if (e instanceof UnknownHostException) {
      return "the console did not start: paceline.console.host=" + settings.host() + " is unknown";
    }
    return "the console did not start on " + where + " (paceline.console.port): " + e;
  }

  private static final class ShuttingDown extends RuntimeException {
    private static final long serialVersionUID = 1;

    ShuttingDown(IllegalStateException cause) {
      super(cause);
    }
  }
}
