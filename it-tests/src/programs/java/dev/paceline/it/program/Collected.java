package dev.paceline.it.program;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A client that nobody holds is collected, and its selector thread ends, however its call ended
 * (issue B).
 */
// client: jdk
public final class Collected {
  private static final int CLIENTS = 10;

  private final Provider provider =
      new Provider(
          (got, reply) -> {
            if (got.key().startsWith("bad")) {
              reply.json(400, "{\"error\":{\"message\":\"no\"}}");
            } else {
              reply.say(
                  200,
                  "application/json",
                  Provider.OK.repeat(got.key().startsWith("large") ? 900 : 1).getBytes());
            }
          });

  private Collected() throws IOException {}

  public static void main(String[] names) throws IOException {
    Collected all = new Collected();
    Cases cases = new Cases(names);
    for (String way :
        new String[] {
          "read",
          "handler throws",
          "stream closed unread",
          "stream dropped unread",
          "async",
          "async, handler throws",
          "async, discarded",
          "async, cancelled"
        }) {
      for (String answer : new String[] {"fine", "bad", "large"}) {
        cases.add(way + ", " + answer, () -> all.collected(way, answer));
      }
    }
    cases.end();
  }

  private String collected(String way, String answer) throws Exception {
    List<WeakReference<HttpClient>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(used(way, answer + " " + way + i));
    }
    boolean gone =
        Cases.reached(
            7_000,
            () -> {
              System.gc();
              return clients.stream().allMatch(client -> client.get() == null);
            });
    long left = clients.stream().filter(client -> client.get() != null).count();
    // A stream that is dropped with bytes unread holds its client in the JDK, too.
    return way.equals("stream dropped unread") && answer.equals("large")
        ? "not said"
        : "gone " + gone + ", left " + left;
  }

  private WeakReference<HttpClient> used(String way, String key) throws Exception {
    HttpClient client = Jdk.client();
    HttpRequest request = Jdk.chat(provider, key, "q");
    try {
      switch (way) {
        case "read" -> client.send(request, BodyHandlers.ofString());
        case "handler throws" -> client.send(request, Collected::refuses);
        case "stream closed unread" -> {
          try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
            body.read();
          }
        }
        case "stream dropped unread" -> client.send(request, BodyHandlers.ofInputStream());
        case "async" ->
            client.sendAsync(request, BodyHandlers.ofString()).get(10, TimeUnit.SECONDS);
        case "async, handler throws" ->
            client.sendAsync(request, Collected::refuses).get(10, TimeUnit.SECONDS);
        case "async, discarded" ->
            client.sendAsync(request, BodyHandlers.discarding()).get(10, TimeUnit.SECONDS);
        default -> {
          CompletableFuture<?> future = client.sendAsync(request, BodyHandlers.ofString());
          int before = provider.arrived();
          Cases.reached(20, () -> provider.arrived() > before);
          future.cancel(true);
        }
      }
    } catch (IOException | ExecutionException own) {
      // the handler's
    }
    return new WeakReference<>(client);
  }

  private static HttpResponse.BodySubscriber<String> refuses(HttpResponse.ResponseInfo info) {
    throw new IllegalStateException("the application's own");
  }
}
