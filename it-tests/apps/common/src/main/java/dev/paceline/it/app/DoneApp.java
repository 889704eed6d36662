package dev.paceline.it.app;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** Completes the future of a call that waits; then another call of its scope goes through. */
public final class DoneApp {
  private DoneApp() {}

  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (String end : new String[] {"completed", "cancelled", "obsolete"}) {
      String model = "limited." + end;
      CompletableFuture<HttpResponse<String>> limited = send(client, model, false);
      Insides.await(() -> Insides.waiting() == 1);
      // Of the same scope, but told apart by the upstream through its stream flag.
      CompletableFuture<HttpResponse<String>> done = send(client, model, true);
      Insides.await(() -> Insides.waiting() == 2);
      switch (end) {
        case "completed" -> done.complete(null);
        case "cancelled" -> done.cancel(true);
        default -> done.completeExceptionally(new IllegalStateException());
      }
      int first = limited.get().statusCode();
      int last = send(client, model, false).get().statusCode();
      Say.run(end).with("ok", done.isDone()).with("text", first + " " + last).line();
    }
    System.exit(0);
  }

  private static CompletableFuture<HttpResponse<String>> send(
      HttpClient client, String model, boolean stream) {
    return client.sendAsync(JdkApp.chat(Runs.url(), model, stream), BodyHandlers.ofString());
  }
}
