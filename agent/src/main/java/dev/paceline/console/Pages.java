package dev.paceline.console;

import dev.paceline.console.Connection.Reply;
import dev.paceline.console.Connection.Request;
import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.Exposition.Page;
import dev.paceline.metrics.MeterView;
import dev.paceline.metrics.Span;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers a request: which path, and whether the asker may see it. */
final class Pages implements Function<Request, Reply> {
  /** Answers that are made at a time: the processors are the application's. */
  private static final int AT_A_TIME = 4;

  /** The page asks each second or two; many pages at once are answered from one copy. */
  private static final long STATE_NANOS = 1_000_000_000L;

  private final Exposition exposition;
  private final Supplier<List<MeterView>> meters;
  private final Facts facts;
  private final BiConsumer<String, Throwable> faults;
  private final Access access;
  private final @Nullable InetAddress pageHost;
  private final LongSupplier nanos;
  private final Semaphore making = new Semaphore(AT_A_TIME, true);
  private final AtomicReferenceArray<State> states =
      new AtomicReferenceArray<>(2 * Span.values().length);

  /** A rendered state, and since when it is one. */
  private record State(Page page, long at) {}

  /** Who may see more than the scrape. */
  enum Access {
    /** Nobody: the console is off loopback. */
    METRICS_ONLY,
    /** Whoever asks this machine by a local name. */
    LOCAL,
    /** Whoever reaches the port. */
    PUBLIC
  }

  /**
   * @param pageHost a loopback address: whoever has connected to it is local
   */
  Pages(
      Exposition exposition,
      Supplier<List<MeterView>> meters,
      Facts facts,
      BiConsumer<String, Throwable> faults,
      Access access,
      @Nullable InetAddress pageHost,
      LongSupplier nanos) {
    this.exposition = exposition;
    this.meters = meters;
    this.facts = facts;
    this.faults = faults;
    this.access = access;
    this.pageHost = pageHost;
    this.nanos = nanos;
  }

  @Override
  public Reply apply(Request request) {
    making.acquireUninterruptibly();
    try {
      return reply(request);
    } catch (Throwable e) { // LinkageError and StackOverflowError too
      faults.accept("console", e);
      // No text of the fault: it may quote what nobody but the application should see.
      return Reply.text(500, "failed: " + e.getClass().getName());
    } finally {
      making.release();
    }
  }

  private Reply reply(Request request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return Reply.text(405, "read-only");
    }
    return switch (request.path()) {
      case "/metrics" -> new Reply(200, exposition.render(String.join(",", request.all("accept"))));
      case "/api/state.json" ->
          guarded(request, () -> state(wantsMeters(request), wantedSpan(request)));
      default ->
          Asset.at(request.path())
              .map(asset -> guarded(request, asset::page))
              .orElseGet(() -> Reply.text(404, "here are /metrics, /api/state.json and /"));
    };
  }

  private Page state(boolean withMeters, Span span) {
    int which = 2 * span.ordinal() + (withMeters ? 1 : 0);
    State known = states.get(which);
    long now = nanos.getAsLong();
    if (known != null && now - known.at < STATE_NANOS) {
      return known.page;
    }
    Page page =
        new Page("application/json", StateJson.write(facts, span, meters.get(), withMeters));
    states.set(which, new State(page, now));
    return page;
  }

  /** The page asks each second or two, and reads sums: thousands of series would be ballast. */
  private static boolean wantsMeters(Request request) {
    return !List.of(request.query().split("&")).contains("meters=no");
  }

  /** {@code range=15m}, {@code 1h} or {@code 24h}. */
  private static Span wantedSpan(Request request) {
    for (String part : request.query().split("&")) {
      if (part.startsWith("range=")) {
        return Span.named(part.substring("range=".length()));
      }
    }
    return Span.QUARTER;
  }

  private Reply guarded(Request request, Supplier<Page> page) {
    Access granted = access;
    if (granted == Access.METRICS_ONLY && request.local().equals(pageHost)) {
      granted = Access.LOCAL;
    }
    if (granted == Access.METRICS_ONLY) {
      return Reply.text(
          403,
          "on a non-loopback address only /metrics is served; page and state as well: on loopback"
              + " by paceline.console.page.host=127.0.0.1, everywhere by"
              + " paceline.console.page=public");
    }
    if (granted == Access.LOCAL && !LocalHosts.allows(request.first("host"))) {
      return Reply.text(403, "ask for localhost or 127.0.0.1");
    }
    return new Reply(200, page.get());
  }
}
