package dev.paceline.okhttp.beside;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The application's request and what goes on the wire for it: itself, or the same with a body of
 * ours, or without what it says to the agent alone. The application never sees the latter.
 */
final class Upload {
  final Request theirs;
  private final Request ours;
  private final @Nullable KeptBody kept;

  private Upload(Request theirs, Request ours, @Nullable KeptBody kept) {
    this.theirs = theirs;
    this.ours = ours;
    this.kept = kept;
  }

  /** The request as it is. */
  static Upload of(Request request) {
    return new Upload(request, OwnHeaders.without(request), null);
  }

  static Upload of(Request request, CopiedBody copy) {
    return new Upload(request, with(request, copy), null);
  }

  static Upload of(Request request, KeptBody kept) {
    return new Upload(request, with(request, kept), kept);
  }

  private static Request with(Request request, @Nullable RequestBody body) {
    return OwnHeaders.without(request).newBuilder().method(request.method(), body).build();
  }

  /** Whether another request than the application's own is sent. */
  boolean isOurs() {
    return ours != theirs;
  }

  /** Whether a further attempt would send the bytes of the first, as far as this can tell. */
  boolean repeatable() {
    return kept == null || kept.repeatable();
  }

  /** Sends without a pass. */
  Response only(Interceptor.Chain chain) throws IOException {
    try {
      return proceed(chain);
    } finally {
      end();
    }
  }

  Response proceed(Interceptor.Chain chain) throws IOException {
    Response response = chain.proceed(ours);
    return ours == theirs ? response : seen(response);
  }

  /** With the application's own request, or its own body after a redirect that kept it. */
  private Response seen(Response response) {
    Request said = response.request();
    if (said == ours) {
      return response.newBuilder().request(theirs).build();
    }
    return said.body() != null && said.body() == ours.body()
        ? response.newBuilder().request(with(said, theirs.body())).build()
        : response;
  }

  /** No further attempt follows. */
  void end() {
    if (kept != null) {
      kept.end();
    }
  }
}
