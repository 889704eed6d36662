package dev.paceline.okhttp.beside;

import dev.paceline.okhttp.CopiedHeaders;
import dev.paceline.words.ProviderResponse;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Translates responses into answers and back. */
final class Answers {
  private Answers() {}

  static ProviderResponse answer(Response response, byte[] body, boolean complete) {
    return new ProviderResponse(
        response.code(), OkHeaders.copy(response.headers()), body, complete);
  }

  /** Requests that OkHttp made on its own before this response: after a 408, a 503 or a 421. */
  static int hidden(Response response) {
    int count = 0;
    for (Response prior = response.priorResponse(); prior != null; prior = prior.priorResponse()) {
      int code = prior.code();
      if (code == 503 || code == 408 || code == 421) {
        count++;
      }
    }
    return count;
  }

  /**
   * An earlier answer as a response.
   *
   * @param from the response that it was read from; null when that was another call's
   */
  static Response response(ProviderResponse answer, @Nullable Response from, Request request) {
    Response.Builder builder =
        from != null
            ? from.newBuilder()
            : new Response.Builder()
                .request(request)
                .protocol(Protocol.HTTP_1_1)
                .code(answer.status())
                .message(message(answer.status()))
                .headers(headers(answer.headers()));
    byte[] bytes = answer.body();
    String type = answer.headers().first("Content-Type");
    return builder.body(new BytesBody(type == null ? null : MediaType.parse(type), bytes)).build();
  }

  /** Tells an SDK above not to start over. */
  static Response stopSdk(Response response) {
    return response.newBuilder().header("x-should-retry", "false").build();
  }

  /**
   * In bytes; −1 when it is not known, also when a body that a network interceptor of the
   * application put in place fails to say it.
   */
  static long length(@Nullable ResponseBody body) {
    try {
      return body == null ? 0 : body.contentLength();
    } catch (RuntimeException theirs) {
      return -1;
    }
  }

  /** Whether the client's cache answered, without a word from the provider. */
  static boolean isCached(Response response) {
    return response.networkResponse() == null;
  }

  /** Whether the body is the cache's, and the headers in part: the provider said "not modified". */
  static boolean isRevalidated(Response response) {
    Response network = response.networkResponse();
    return response.cacheResponse() != null && network != null && network.code() == 304;
  }

  /**
   * Whether a redirect has made another request of it: a POST that was answered with 303 was
   * processed, and what the target of the redirect says is no answer to it.
   */
  static boolean isOfAnotherRequest(Response response, Request request) {
    return !response.request().method().equals(request.method());
  }

  private static Headers headers(dev.paceline.words.Headers headers) {
    Headers.Builder builder = new Headers.Builder();
    if (headers instanceof CopiedHeaders copied) {
      for (int i = 0; i < copied.size(); i++) {
        builder.addUnsafeNonAscii(copied.name(i), copied.value(i)); // as OkHttp itself reads them
      }
    } else {
      headers.all().forEach((name, values) -> values.forEach(value -> builder.add(name, value)));
    }
    return builder.build();
  }

  private static String message(int status) {
    return switch (status) {
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> "";
    };
  }
}
