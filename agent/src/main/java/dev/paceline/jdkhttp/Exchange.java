package dev.paceline.jdkhttp;

import dev.paceline.call.CallExecution;
import dev.paceline.call.CallOrigin;
import dev.paceline.call.Calls;
import dev.paceline.call.OwnHeader;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.RequestInfo;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What the application handed to {@code send} or {@code sendAsync}.
 *
 * <p>Until the call is over this holds the client's face: a collected one stops the client under a
 * waiting call (JDK-8288746). Not longer: the client itself keeps what it was handed for an
 * exchange, this among it, for as long as a stream is not read, and would then never be collected
 * nor its selector thread end.
 */
final class Exchange {
  /** Time since the call began that is not worth a copy of the request. */
  private static final long NO_TIME_NANOS = 5_000_000;

  /** A timeout beyond is as good as none, and an instant so far ahead does not overflow. */
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private final Parts parts;
  private final HttpRequest request;
  private final BodyHandler<Object> handler;
  private final Endpoint endpoint;
  private final long began;
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final boolean follows;

  /** Where the call comes from; null while nobody asks. */
  private final @Nullable CallOrigin origin;

  /** Whether the request says something to the agent, which never leaves the process. */
  private final boolean marked;

  /** Whether an attempt was another request object than the application's. */
  private volatile boolean copied;

  private volatile @Nullable HttpClient client;
  private volatile @Nullable Executor executor;

  /** What all exchanges share: one reference, for thousands may wait. */
  record Parts(
      Calls calls, JdkWaits waits, ReplayPool pool, ContentField content, MadeExecutor made) {}

  Exchange(
      Parts parts,
      HttpClient client,
      HttpRequest request,
      BodyHandler<Object> handler,
      Endpoint endpoint) {
    this.parts = parts;
    this.client = client;
    this.request = request;
    this.handler = handler;
    this.endpoint = endpoint;
    this.began = parts.calls.clock().nanos();
    this.origin = parts.calls.origin();
    this.marked = JdkOwnHeaders.in(request.headers());
    this.follows =
        client.followRedirects() != HttpClient.Redirect.NEVER
            && !request.method().equals("GET")
            && !request.method().equals("HEAD");
  }

  Calls calls() {
    return parts.calls;
  }

  JdkWaits waits() {
    return parts.waits;
  }

  ReplayPool pool() {
    return parts.pool;
  }

  ContentField content() {
    return parts.content;
  }

  HttpRequest request() {
    return request;
  }

  BodyHandler<Object> handler() {
    return handler;
  }

  /** Null when the call is over. */
  @Nullable HttpClient face() {
    return client;
  }

  HttpClient client() {
    HttpClient c = client;
    if (c == null) {
      throw new IllegalStateException("the call is over");
    }
    return c;
  }

  /** The call is over. */
  void end() {
    client = null;
  }

  /** Where the client's work goes, off this thread. */
  Executor executor() {
    Executor e = executor;
    if (e == null) {
      HttpClient c = client;
      e = c == null ? Pools.own(loader) : Pools.of(c, parts.made, loader);
      executor = e;
    }
    return e;
  }

  /** The agent's own threads. */
  Executor own() {
    return Pools.own(loader);
  }

  /** Counts a fault, unless it is the application's own. */
  void fault(Throwable t) {
    if (!Blame.application(t)) {
      parts.calls.fault("jdk", t);
    }
  }

  /** Whether nothing may be touched that cannot be read again. */
  boolean observes() {
    return parts.calls.observes(endpoint, request.uri().getHost());
  }

  /** Whether a request that may have been processed can be followed by another of the client's. */
  boolean follows() {
    return follows;
  }

  /** Whether the application's own request must not be sent: it speaks to the agent. */
  boolean marked() {
    return marked;
  }

  RequestInfo outgoing(AttemptBody body, boolean repeatable) {
    return new RequestInfo(
        Client.JDK,
        endpoint,
        request.method(),
        request.uri().getHost(),
        new HeaderView(request.headers()),
        repeatable && body.replayable(),
        request
            .timeout()
            .map(timeout -> began + saturated(timeout))
            .orElse(RequestInfo.NO_DEADLINE),
        true,
        origin);
  }

  private static long saturated(Duration timeout) {
    return (timeout.compareTo(CENTURY) > 0 ? CENTURY : timeout).toNanos();
  }

  /**
   * What is left of the request's timeout, in nanoseconds. {@code HttpRequest.timeout} bounds the
   * call as the application wrote it, so an attempt after a wait gets what the wait has left.
   *
   * @return {@link Long#MAX_VALUE} where the request can be sent with the timeout that it has
   */
  long left(CallExecution course) {
    Duration timeout = request.timeout().orElse(null);
    long elapsed = parts.calls.clock().nanos() - began;
    return timeout == null || elapsed < NO_TIME_NANOS || course.waitsBeyondDeadline()
        ? Long.MAX_VALUE
        : saturated(timeout) - elapsed;
  }

  /**
   * The request of one attempt: the body's, as it is where possible.
   *
   * @param left see {@link #left}; positive
   */
  HttpRequest attempt(AttemptBody body, long left, @Nullable Watched watched) {
    HttpRequest attempt = body.attempt();
    if (left == Long.MAX_VALUE && watched == null && !marked) {
      copied |= attempt != request;
      return attempt;
    }
    copied = true;
    HttpRequest.Builder copy =
        HttpRequest.newBuilder(attempt, (name, value) -> !marked || !OwnHeader.is(name));
    if (watched != null) {
      copy.method(attempt.method(), watched);
    }
    if (left != Long.MAX_VALUE) {
      copy.timeout(Duration.ofNanos(left));
    }
    return copy.build();
  }

  /** Tells whether the body has left; null where that says nothing. */
  @Nullable Watched watched(AttemptBody body) {
    if (!follows) {
      return null;
    }
    BodyPublisher publisher = body.attempt().bodyPublisher().orElse(null);
    return publisher == null ? null : new Watched(publisher);
  }

  /** A request that the client shows, as the application would see it without the agent. */
  HttpRequest seen(HttpRequest shown) {
    if (!copied) {
      return shown;
    }
    if (marked && shown.uri().equals(request.uri()) && shown.method().equals(request.method())) {
      return request;
    }
    BodyPublisher publisher = shown.bodyPublisher().orElse(null);
    boolean ours = publisher instanceof AttemptBody.Ours;
    Optional<Duration> timeout = request.timeout();
    if (!ours && shown.timeout().equals(timeout)) {
      return shown;
    }
    HttpRequest.Builder copy = HttpRequest.newBuilder(shown, (name, value) -> true);
    if (publisher instanceof AttemptBody.Ours replaced) {
      copy.method(shown.method(), replaced.applications());
    }
    timeout.ifPresent(copy::timeout);
    return copy.build();
  }

  /** The attempt's response as the application is to see it. */
  HttpResponse<Object> seen(HttpResponse<Object> response, boolean stopSdk) {
    if (!stopSdk && !copied) {
      return response;
    }
    HttpRequest shown = seen(response.request());
    return new SeenResponse<>(
        this,
        shown,
        response,
        response.statusCode(),
        stopSdk ? HeaderView.stopping(response.headers().map()) : response.headers(),
        response.version(),
        response.body());
  }

  /** Whether an earlier request of the attempt may have been processed: it was redirected. */
  static boolean redirected(HttpResponse<?> response) {
    HttpResponse<?> r = response.previousResponse().orElse(null);
    while (r != null) {
      if (r.statusCode() / 100 == 3) {
        return true;
      }
      r = r.previousResponse().orElse(null);
    }
    return false;
  }
}
