package dev.paceline.jdkhttp;

import dev.paceline.call.Calls;
import dev.paceline.call.Outgoing;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.util.concurrent.Executor;

/**
 * What the application handed to {@code send} or {@code sendAsync}. Holding it holds the client's
 * face: a collected one stops the client under a waiting call (JDK-8288746).
 */
record Exchange(
    Calls calls,
    Waits waits,
    ReplayPool pool,
    ContentField content,
    HttpClient client,
    HttpRequest request,
    BodyHandler<Object> handler,
    Endpoint endpoint) {

  Executor executor() {
    return Pools.of(client);
  }

  Outgoing outgoing(Body body, boolean repeatable) {
    long now = calls.clock().nanos();
    return new Outgoing(
        Client.JDK,
        endpoint,
        request.method(),
        request.uri().getHost(),
        new HeaderView(request.headers()),
        repeatable && body.replayable(),
        request.timeout().map(timeout -> now + saturated(timeout)).orElse(Outgoing.NO_DEADLINE),
        true);
  }

  private static long saturated(java.time.Duration timeout) {
    // A century is as good as for ever, and now + a century does not overflow.
    return timeout.compareTo(java.time.Duration.ofDays(36_500)) > 0
        ? java.time.Duration.ofDays(36_500).toNanos()
        : timeout.toNanos();
  }
}
