package dev.paceline.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.Exposition.Page;
import dev.paceline.metrics.MeterView;
import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Answers a request: which path, whether the asker may see it, and the headers that every answer
 * has.
 */
final class Pages implements HttpHandler {
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final Exposition exposition;
  private final Supplier<List<MeterView>> meters;
  private final Facts facts;
  private final BiConsumer<String, Throwable> faults;
  private final Access access;
  private final Workers workers;

  /** Who may see more than the scrape. */
  enum Access {
    /** Nobody: the console is off loopback. */
    METRICS_ONLY,
    /** Whoever asks this machine by a local name. */
    LOCAL,
    /** Whoever reaches the port. */
    PUBLIC
  }

  Pages(
      Exposition exposition,
      Supplier<List<MeterView>> meters,
      Facts facts,
      BiConsumer<String, Throwable> faults,
      Access access,
      Workers workers) {
    this.exposition = exposition;
    this.meters = meters;
    this.facts = facts;
    this.faults = faults;
    this.access = access;
    this.workers = workers;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    workers.working();
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (Throwable e) { // LinkageError and StackOverflowError too
        faults.accept("console", e);
        // No text of the fault: it may quote what nobody but the application should see.
        reply = new Reply(500, text("failed: " + e.getClass().getName()));
      }
      workers.writing();
      send(exchange, reply);
    }
  }

  private Reply reply(HttpExchange exchange) {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return new Reply(405, text("read-only"));
    }
    return switch (exchange.getRequestURI().getPath()) {
      case "/metrics" -> new Reply(200, exposition.render(accept(exchange)));
      case "/api/state.json" ->
          guarded(
              exchange,
              () ->
                  new Page(
                      "application/json",
                      StateJson.write(facts, meters.get(), wantsMeters(exchange))));
      default ->
          Asset.at(exchange.getRequestURI().getPath())
              .map(asset -> guarded(exchange, asset::page))
              .orElseGet(() -> new Reply(404, text("here are /metrics, /api/state.json and /")));
    };
  }

  /** The page asks each second or two, and reads sums: thousands of series would be ballast. */
  private static boolean wantsMeters(HttpExchange exchange) {
    return !"meters=no".equals(exchange.getRequestURI().getQuery());
  }

  private Reply guarded(HttpExchange exchange, Supplier<Page> page) {
    if (access == Access.METRICS_ONLY) {
      return new Reply(
          403, text("off loopback only /metrics is served, unless paceline.console.page=public"));
    }
    if (access == Access.LOCAL
        && !LocalHosts.allows(exchange.getRequestHeaders().getFirst("Host"))) {
      return new Reply(403, text("ask for localhost or 127.0.0.1"));
    }
    return new Reply(200, page.get());
  }

  private static String accept(HttpExchange exchange) {
    List<String> values = exchange.getRequestHeaders().get("Accept");
    return values == null ? "" : String.join(",", values);
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.page.contentType());
    headers.set("Content-Security-Policy", "default-src 'self'");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cache-Control", "no-store");
    byte[] body = reply.page.body();
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(reply.status, -1);
    } else {
      exchange.sendResponseHeaders(reply.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Page text(String line) {
    return new Page(PLAIN, (line + "\n").getBytes(UTF_8));
  }

  private record Reply(int status, Page page) {}
}
