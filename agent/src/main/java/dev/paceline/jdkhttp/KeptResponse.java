package dev.paceline.jdkhttp;

import dev.paceline.call.Step;
import dev.paceline.words.ProviderResponse;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out an answer that was received earlier, through the application's own body handler. */
final class KeptResponse {
  private static final Relay.Holder<List<ByteBuffer>> NOBODY =
      new Relay.Holder<>() {
        @Override
        public boolean hold(List<ByteBuffer> item) {
          return false;
        }

        @Override
        public void stopped() {}

        @Override
        public void ended(@Nullable Throwable error) {}
      };

  private KeptResponse() {}

  /**
   * The response, complete when the application's subscriber has made its body. Runs the
   * application's code on this thread.
   *
   * @param attempt the response that the answer came with; null when it was another call's
   */
  static CompletableFuture<Object> deliver(
      Exchange exchange, @Nullable HttpResponse<?> attempt, Step.Replay step) {
    CompletableFuture<Object> body = new CompletableFuture<>();
    ProviderResponse answer = step.answer();
    HttpHeaders headers;
    HttpClient.Version version;
    try {
      headers = HeaderView.of(answer.headers(), step.stopSdk());
      version =
          attempt == null
              ? exchange.request().version().orElse(exchange.client().version())
              : attempt.version();
      BodySubscriber<Object> to =
          Objects.requireNonNull(
              exchange.handler().apply(new Info(answer.status(), headers, version)));
      Relay<List<ByteBuffer>> relay = new Relay<>(NOBODY);
      relay.onComplete();
      relay.attach(to, items(answer.body()));
      JdkErrorBody.pipe(to, body);
    } catch (Throwable thrown) {
      return CompletableFuture.failedFuture(thrown);
    }
    HttpRequest request = attempt == null ? exchange.request() : exchange.seen(attempt.request());
    return body.thenApply(
        value ->
            new SeenResponse<>(
                exchange, request, attempt, answer.status(), headers, version, value));
  }

  private static List<List<ByteBuffer>> items(byte[] body) {
    return body.length == 0 ? List.of() : List.of(BodySource.asItems(body, body.length));
  }
}
