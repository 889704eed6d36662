package dev.paceline.it.app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * Sends many large bodies at the same time whose publishers tell nothing about themselves but their
 * length, as Spring's do. Arguments: calls, bytes a body.
 */
public final class OpaqueApp {
  private OpaqueApp() {}

  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[0]);
    int length = Integer.parseInt(args[1]);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    List<CompletableFuture<HttpResponse<String>>> futures = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      futures.add(
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(Runs.url() + "/v1/chat/completions"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.fromPublisher(new Letters(length), length))
                  .build(),
              BodyHandlers.ofString()));
    }
    Map<String, Integer> answers = new TreeMap<>();
    for (CompletableFuture<HttpResponse<String>> future : futures) {
      String got;
      try {
        HttpResponse<String> answer = future.get();
        got = answer.statusCode() + " " + answer.body();
      } catch (java.util.concurrent.ExecutionException e) {
        got = String.valueOf(e.getCause());
      }
      answers.merge(got, 1, Integer::sum);
    }
    Say.run("opaque").with("ok", true).with("text", answers).line();
    System.exit(0);
  }

  /** So many letters, made when they are asked for. */
  private record Letters(int length) implements Flow.Publisher<ByteBuffer> {
    private static final byte[] CHUNK = new byte[16 * 1024];

    static {
      java.util.Arrays.fill(CHUNK, (byte) 'x');
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private int left = length;
            private long wanted;
            private boolean sending;
            private boolean over;

            @Override
            public void request(long n) {
              wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
              if (sending) {
                return;
              }
              sending = true;
              while (wanted > 0 && left > 0 && !over) {
                wanted--;
                int now = Math.min(left, CHUNK.length);
                left -= now;
                subscriber.onNext(ByteBuffer.wrap(CHUNK, 0, now).asReadOnlyBuffer());
              }
              sending = false;
              if (left == 0 && !over) {
                over = true;
                subscriber.onComplete();
              }
            }

            @Override
            public void cancel() {
              over = true;
            }
          });
    }
  }
}
