package dev.paceline.okhttp.beside;

import dev.paceline.call.OwnHeader;
import okhttp3.Headers;
import okhttp3.Request;

/** Takes {@link OwnHeader}s off a request. */
final class OwnHeaders {
  private OwnHeaders() {}

  /** The request without them: itself, when it has none. */
  static Request without(Request request) {
    Headers headers = request.headers();
    for (int i = 0, size = headers.size(); i < size; i++) {
      if (OwnHeader.is(headers.name(i))) {
        return copy(request, headers);
      }
    }
    return request;
  }

  private static Request copy(Request request, Headers headers) {
    Headers.Builder rest = headers.newBuilder();
    for (String name : headers.names()) {
      if (OwnHeader.is(name)) {
        rest.removeAll(name);
      }
    }
    return request.newBuilder().headers(rest.build()).build();
  }
}
