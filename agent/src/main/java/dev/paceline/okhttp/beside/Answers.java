package dev.paceline.okhttp.beside;

import dev.paceline.words.Answer;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** Translates responses into answers and back. */
final class Answers {
  private Answers() {}

  static Answer answer(Response response, byte[] body, boolean complete) {
    return new Answer(response.code(), new OkHeaders(response.headers()), body, complete);
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
  static Response response(Answer answer, @Nullable Response from, Request request) {
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
    return builder
        .body(
            new SourceBody(
                type == null ? null : MediaType.parse(type),
                bytes.length,
                new Buffer().write(bytes)))
        .build();
  }

  /** Tells an SDK above not to start over. */
  static Response stopSdk(Response response) {
    return response.newBuilder().header("x-should-retry", "false").build();
  }

  static long length(@Nullable ResponseBody body) {
    return body == null ? 0 : body.contentLength();
  }

  private static Headers headers(dev.paceline.words.Headers headers) {
    if (headers instanceof OkHeaders ok) {
      return ok.headers;
    }
    Headers.Builder builder = new Headers.Builder();
    headers.all().forEach((name, values) -> values.forEach(value -> builder.add(name, value)));
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
