package dev.paceline.jdkhttp;

import dev.paceline.bootstrap.JdkHook;
import dev.paceline.call.Calls;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.UnrecognisedCalls;
import dev.paceline.words.Endpoint;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hooks {@code HttpClient.send}, {@code sendAsync} and what closes a client. */
public final class JdkAdapter implements JdkHook {
  private final Supplier<Calls> calls;
  private final @Nullable Instrumentation instrumentation;
  private final ReplayPool pool;
  private final JdkWaits waits = new JdkWaits();
  private volatile MadeExecutor made = MadeExecutor.NONE;
  private volatile @Nullable ContentField content;
  private volatile Exchange.@Nullable Parts parts;

  /**
   * @param copies heap for copies of request bodies
   * @param instrumentation opens the JDK's byte array publishers to us; without it their bytes are
   *     copied
   */
  public JdkAdapter(
      Supplier<Calls> calls, ReplayPool copies, @Nullable Instrumentation instrumentation) {
    this.calls = calls;
    this.instrumentation = instrumentation;
    this.pool = copies;
  }

  @Override
  public Object @Nullable [] send(Object client, Object request, Object bodyHandler) {
    if (bodyHandler == null // the client says so itself
        || Thread.currentThread().isInterrupted()) {
      return null;
    }
    Exchange exchange = exchange(client, request, bodyHandler);
    return exchange == null ? null : SyncCall.run(exchange);
  }

  @Override
  @SuppressWarnings("unchecked") // the woven method's own parameter
  public Object @Nullable [] sendAsync(
      Object client, Object request, Object bodyHandler, @Nullable Object pushHandler) {
    Exchange exchange = bodyHandler == null ? null : exchange(client, request, bodyHandler);
    return exchange == null
        ? null
        : AsyncCall.run(exchange, (PushPromiseHandler<Object>) pushHandler);
  }

  @Override
  public Object bodySubscriber(Object subscriber) {
    if (subscriber instanceof TappedSubscriber tapped) {
      return tapped.theirs();
    }
    // Its getBody returns at once.
    return subscriber instanceof JdkErrorBody ? BodySubscribers.discarding() : subscriber;
  }

  /**
   * A client begins to close. Its waiting calls end as when the JVM shuts down: retry waits deliver
   * their last answer, unsent calls are sent now, so that the client knows of them: {@code close}
   * then waits for them as for any other.
   */
  @Override
  public void closing(Object client) {
    waits.closing((HttpClient) client, false);
  }

  /** A client is stopped: what its calls have in hand is delivered, and nothing more is sent. */
  @Override
  public void stopping(Object client) {
    waits.closing((HttpClient) client, true);
  }

  /** Allocates nothing when the request is none of ours. */
  private @Nullable Endpoint recognise(Object request) {
    if (!(request instanceof HttpRequest r)) {
      return null;
    }
    URI uri = r.uri();
    if (uri == null) {
      return null;
    }
    int port = uri.getPort();
    if (port < 0) {
      port = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
    Endpoint endpoint = calls.get().recognise(uri.getHost(), port, uri.getRawPath());
    if (endpoint == null) {
      noteUnrecognised(r, uri, port);
    }
    return endpoint;
  }

  private void noteUnrecognised(HttpRequest request, URI uri, int port) {
    UnrecognisedCalls unrecognised = calls.get().unrecognised();
    String host = uri.getHost();
    if (unrecognised.wants(request.method(), host)) {
      unrecognised.seen(
          request.method(),
          host,
          port,
          uri.getRawPath(),
          () -> request.headers().firstValue("content-type").orElse(null));
    }
  }

  /** Null when the request is none of ours, or of a kind whose own methods fail. */
  private @Nullable Exchange exchange(Object client, Object request, Object bodyHandler) {
    try {
      Endpoint endpoint = recognise(request);
      return endpoint == null ? null : exchange(client, request, bodyHandler, endpoint);
    } catch (Throwable t) {
      if (Blame.application(t)) {
        return null;
      }
      throw t;
    }
  }

  @SuppressWarnings("unchecked") // the woven method's own parameters
  private Exchange exchange(Object client, Object request, Object bodyHandler, Endpoint endpoint) {
    FaultPoint.pass("bridge");
    return new Exchange(
        parts(),
        (HttpClient) client,
        (HttpRequest) request,
        (BodyHandler<Object>) bodyHandler,
        endpoint);
  }

  private Exchange.Parts parts() {
    Exchange.Parts known = parts;
    if (known == null) {
      ContentField field = content();
      known = new Exchange.Parts(calls.get(), waits, pool, field, made);
      parts = known;
    }
    return known;
  }

  private ContentField content() {
    ContentField found = content;
    if (found == null) {
      found = ContentField.open(instrumentation);
      made = MadeExecutor.open(ContentField.isOpen());
      content = found;
    }
    return found;
  }

  /** Calls that wait now. */
  int waiting() {
    return waits.size();
  }

  /** Bytes of request bodies that are copied now. */
  long replayBytes() {
    return pool.used();
  }
}
