package dev.paceline.okhttp.beside;

import okhttp3.Headers;
import okhttp3.Request;

/** Request headers that speak to the agent: they never leave the process. */
final class OwnHeaders {
  private static final String PREFIX = "x-paceline-";

  private OwnHeaders() {}

  /** The request without them: itself, when it has none. */
  static Request without(Request request) {
    Headers headers = request.headers();
    for (int i = 0, size = headers.size(); i < size; i++) {
      if (isOwn(headers.name(i))) {
        return copy(request, headers);
      }
    }
    return request;
  }

  private static boolean isOwn(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }

  private static Request copy(Request request, Headers headers) {
    Headers.Builder rest = headers.newBuilder();
    for (String name : headers.names()) {
      if (isOwn(name)) {
        rest.removeAll(name);
      }
    }
    return request.newBuilder().headers(rest.build()).build();
  }
}
