package dev.paceline.sim.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.paceline.sim.Api;
import dev.paceline.sim.Decision;
import dev.paceline.sim.Load;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Reply;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.sim.ResponseWriter;
import dev.paceline.sim.SimRequest;
import dev.paceline.sim.Simulated;
import dev.paceline.words.Limit;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A rate-limited LLM provider on a free port of 127.0.0.1: the model of a {@link Plan}, spoken in a
 * provider's dialect over HTTP/1.1, with a log of what arrived. A request being served holds no
 * thread, so thousands can be in flight.
 *
 * <p>Answers {@code POST} on {@code …/chat/completions}, {@code …/v1/responses}, {@code
 * …/v1/messages}, {@code …/models/M:generateContent} and {@code :streamGenerateContent} (as
 * server-sent events), {@code …/embeddings}, also below {@code /openai/deployments/D}; all else is
 * 404. A request is one input token per four bytes of its body. Limits on tokens of both kinds are
 * charged that plus the {@code max_tokens} it names, limits on output tokens what is answered.
 */
public final class SimServer implements AutoCloseable {
  static {
    // Read once, when the JDK's server class is loaded. Without nodelay, head and body of an answer
    // are two packets and the second waits 40 ms for the
    // client's delayed ACK; with the default of 200 idle connections, the 201st client finds its
    // pooled connection closed under its next request.
    setUnlessSet("sun.net.httpserver.nodelay", "true");
    setUnlessSet("sun.net.httpserver.maxIdleConnections", "100000");
    setUnlessSet("sun.net.httpserver.idleInterval", "600");
  }

  private static final int BACKLOG = 4096;

  private final Builder settings;
  private final HttpServer server;
  private final ExecutorService workers;
  private final ScheduledExecutorService alarm;
  private final RequestLog log = new RequestLog();

  /** Guards {@link #model} and the order of {@link #log}. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Simulated model;

  /** Models with limits of their own, by the beginning of their names. */
  private final Map<String, Simulated> others = new LinkedHashMap<>();

  private volatile ResponseStyle manners;
  private long number;

  private SimServer(Builder settings, HttpServer server) {
    this.settings = settings;
    this.server = server;
    this.manners = settings.manners;
    ThreadFactory daemons =
        task -> {
          Thread thread = new Thread(task, "paceline-sim");
          thread.setDaemon(true);
          return thread;
        };
    // Unbounded: a client that is slow to send its body or to read its answer must not hold up the
    // others.
    this.workers = Executors.newCachedThreadPool(daemons);
    this.alarm = Executors.newSingleThreadScheduledExecutor(daemons);
    long origin = System.nanoTime();
    this.model = new Simulated(settings.plan, origin);
    settings.others.forEach((name, plan) -> others.put(name, new Simulated(plan, origin)));
  }

  /** A server without limits that answers at once, in the dialect of the path. */
  public static Builder builder() {
    return new Builder();
  }

  /** {@code http://127.0.0.1:PORT}, without a slash at the end. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Speaks otherwise from the next request on. */
  public void speak(ResponseStyle newManners) {
    manners = newManners;
  }

  /** Every request so far, in order of arrival. */
  public List<Arrival> records() {
    return log.all();
  }

  /** How many requests arrived so far. */
  public int count() {
    return log.size();
  }

  /** How many requests were, or are about to be, answered with that status. */
  public int count(int status) {
    return log.count(status);
  }

  /** The most requests that arrived within any span of that many milliseconds. */
  public int largestBurst(long windowMillis) {
    return RequestLog.largestBurst(log.all(), windowMillis * 1_000_000);
  }

  /** Stops at once; answers under way are cut off. */
  @Override
  public void close() {
    alarm.shutdownNow();
    server.stop(0);
    workers.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    Optional<Route> found =
        exchange.getRequestMethod().equals("POST") ? Route.of(path) : Optional.empty();
    if (found.isEmpty()) {
      int entry =
          log.add(
              new Arrival(
                  System.nanoTime(),
                  path,
                  "unknown",
                  404,
                  retryCount(exchange),
                  false,
                  Optional.empty(),
                  0,
                  0,
                  Arrival.NOT_YET));
      Reply reply =
          new Reply(
              404,
              Map.of("content-type", "application/json"),
              List.of("{\"error\":{\"message\":\"Not found\"}}"));
      send(exchange, reply, entry, () -> {});
      return;
    }
    Route route = found.get();
    PromptBody body = PromptBody.read(bytes);
    String modelName = route.model().isEmpty() ? body.model() : route.model();
    boolean stream = (route.stream() || body.stream()) && route.api() != Api.EMBEDDINGS;
    ResponseStyle now = manners;
    ResponseWriter speech = ResponseWriter.of(settings.dialect.orElse(route.dialect()), now);
    Reply reply;
    int entry;
    boolean accepted = false;
    Optional<Limit> limit = Optional.empty();
    lock.lock();
    try {
      // The clock is read inside, so that the model and the log see times in order.
      long at = System.nanoTime();
      long wall = System.currentTimeMillis();
      SimRequest ask =
          new SimRequest(
              route.api(), modelName, stream, body.base64(), body.promptTokens(), ++number);
      if (speech.asksModel()) {
        Decision decision =
            model(modelName)
                .arrive(
                    at,
                    modelName,
                    new Load(
                        body.promptTokens() + body.maxTokens(),
                        body.promptTokens(),
                        ResponseWriter.outputTokens(ask)));
        accepted = decision.accepted();
        if (decision instanceof Decision.Rejected rejected) {
          limit = Optional.of(rejected.limit());
        }
        reply = speech.answer(ask, decision, wall);
      } else {
        reply = speech.regardless(ask, model(modelName).levels(at, modelName), wall);
      }
      entry =
          log.add(
              new Arrival(
                  at,
                  path,
                  modelName,
                  reply.status(),
                  retryCount(exchange),
                  accepted,
                  limit,
                  accepted ? ask.promptTokens() : 0,
                  accepted ? ResponseWriter.outputTokens(ask) : 0,
                  Arrival.NOT_YET));
    } finally {
      lock.unlock();
    }
    boolean served = accepted;
    Runnable ended = () -> ended(served, modelName);
    after(
        served ? settings.service : settings.rejection, () -> send(exchange, reply, entry, ended));
  }

  private Simulated model(String name) {
    for (Map.Entry<String, Simulated> other : others.entrySet()) {
      if (name.startsWith(other.getKey())) {
        return other.getValue();
      }
    }
    return model;
  }

  private void ended(boolean served, String modelName) {
    if (served) {
      lock.lock();
      try {
        model(modelName).done(System.nanoTime(), modelName);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Writes the head and the first part; the other parts follow one by one, each on its own time.
   */
  private void send(HttpExchange exchange, Reply reply, int entry, Runnable ended) {
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
    try {
      if (reply.parts().size() == 1) {
        byte[] body = reply.parts().get(0).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length);
        exchange.getResponseBody().write(body);
        end(exchange, entry, ended, true);
      } else {
        exchange.sendResponseHeaders(reply.status(), 0);
        sendPart(exchange, reply.parts(), 0, entry, ended);
      }
    } catch (IOException e) {
      end(exchange, entry, ended, false);
    }
  }

  private void sendPart(
      HttpExchange exchange, List<String> parts, int next, int entry, Runnable ended) {
    try {
      OutputStream out = exchange.getResponseBody();
      out.write(parts.get(next).getBytes(StandardCharsets.UTF_8));
      out.flush();
      if (next + 1 < parts.size()) {
        after(settings.eventGap, () -> sendPart(exchange, parts, next + 1, entry, ended));
      } else {
        end(exchange, entry, ended, true);
      }
    } catch (IOException e) {
      end(exchange, entry, ended, false);
    }
  }

  private void end(HttpExchange exchange, int entry, Runnable ended, boolean whole) {
    // Before the exchange is closed, and with it the last byte sent: who has the whole answer in
    // hand must find it in the log, and its place free.
    if (whole) {
      log.answered(entry, System.nanoTime());
    }
    ended.run();
    exchange.close();
  }

  /**
   * The alarm only wakes, a worker does the work: a client that does not read must not stop the
   * clock for the others.
   */
  private void after(Duration delay, Runnable task) {
    try {
      if (delay.isZero()) {
        task.run();
      } else {
        var unused =
            alarm.schedule(() -> workers.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (RejectedExecutionException e) {
      // Closed meanwhile; the connection goes down with the server.
    }
  }

  private static int retryCount(HttpExchange exchange) {
    String text = exchange.getRequestHeaders().getFirst("X-Stainless-Retry-Count");
    try {
      return text == null ? Arrival.NO_COUNT : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return Arrival.NO_COUNT;
    }
  }

  private static void setUnlessSet(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  /** How a server is to be. */
  public static final class Builder {
    private Plan plan = Plan.unlimited();
    private final Map<String, Plan> others = new LinkedHashMap<>();
    private ResponseStyle manners = ResponseStyle.DOCUMENTED;
    private Optional<String> dialect = Optional.empty();
    private Duration service = Duration.ZERO;
    private Duration rejection = Duration.ZERO;
    private Duration eventGap = Duration.ZERO;
    private int port;

    private Builder() {}

    private Builder(Builder from) {
      plan = from.plan;
      others.putAll(from.others);
      manners = from.manners;
      dialect = from.dialect;
      service = from.service;
      rejection = from.rejection;
      eventGap = from.eventGap;
      port = from.port;
    }

    /** The same settings, to change further. */
    public Builder copy() {
      return new Builder(this);
    }

    /** The limits of every model. */
    public Builder plan(Plan newPlan) {
      plan = newPlan;
      return this;
    }

    /** Models whose names begin so have these limits instead. */
    public Builder plan(String nameBegins, Plan own) {
      others.put(nameBegins, own);
      return this;
    }

    /** How it speaks, to begin with. */
    public Builder manners(ResponseStyle newManners) {
      manners = newManners;
      return this;
    }

    /**
     * Limits and errors in this dialect whatever the path; the shape of successes stays the path's.
     */
    public Builder dialect(String id) {
      var unused =
          ResponseWriter.of(
              id, manners); // complains about an unknown one here, not at the first request
      dialect = Optional.of(id);
      return this;
    }

    /** From arrival to the first byte of a success. */
    public Builder service(Duration time) {
      service = time;
      return this;
    }

    /** From arrival to the first byte of any other answer. */
    public Builder rejection(Duration time) {
      rejection = time;
      return this;
    }

    /** Between two server-sent events. */
    public Builder eventGap(Duration time) {
      eventGap = time;
      return this;
    }

    /** The port of loopback to listen on; 0, the default, takes any that is free. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /**
     * Listens from now on.
     *
     * @throws IOException the port of 127.0.0.1 could not be had
     */
    public SimServer start() throws IOException {
      InetAddress loopback = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
      HttpServer http = HttpServer.create(new InetSocketAddress(loopback, port), BACKLOG);
      SimServer sim = new SimServer(new Builder(this), http);
      http.setExecutor(sim.workers);
      http.createContext("/", sim::handle);
      http.start();
      return sim;
    }
  }
}
