package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.JdkApp;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** A class of its own: not every cell has okhttp-sse. */
final class SseMode {
  private SseMode() {}

  static String events(OkHttpClient client, String url, String model) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    StringBuilder words = new StringBuilder();
    Request request =
        OkHttpApp.chat(url, model, true).newBuilder().header("Accept", "text/event-stream").build();
    EventSources.createFactory(client)
        .newEventSource(
            request,
            new EventSourceListener() {
              @Override
              public void onEvent(EventSource source, String id, String type, String data) {
                words.append(JdkApp.content(data));
              }

              @Override
              public void onClosed(EventSource source) {
                text.complete(words.toString());
              }

              @Override
              public void onFailure(EventSource source, Throwable thrown, Response response) {
                text.completeExceptionally(
                    thrown != null ? thrown : new IOException(response.code() + " "));
              }
            });
    return OkHttpApp.got(text);
  }
}
