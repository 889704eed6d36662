package dev.paceline.okhttp.beside;

import dev.paceline.call.Outgoing;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** Translates a request. */
final class Requests {
  /** A body up to this size is read ahead in the interceptor. */
  static final long MOST_BODY = 1 << 20;

  /** At enqueue only a small one: the caller expects to be back at once. */
  static final long MOST_BODY_AT_ENQUEUE = 256 << 10;

  private Requests() {}

  static boolean isWebSocket(Request request) {
    String upgrade = request.header("Upgrade");
    return upgrade != null && upgrade.equalsIgnoreCase("websocket");
  }

  static Outgoing outgoing(Request request, Endpoint endpoint, CallState state, long mostBody) {
    RequestBody body = request.body();
    return new Outgoing(
        Client.OKHTTP,
        endpoint,
        request.method(),
        request.url().host(),
        new OkHeaders(request.headers()),
        body == null ? null : bytes(request, body, state, mostBody),
        body == null || (!body.isOneShot() && !body.isDuplex()),
        state.deadline,
        false);
  }

  private static byte @Nullable [] bytes(
      Request request, RequestBody body, CallState state, long most) {
    byte[] kept = state.kept(body);
    if (kept != null || !mayRead(request, body)) {
      return kept;
    }
    try {
      long length = body.contentLength();
      if (length < 0 || length > most) {
        return null;
      }
      Buffer buffer = new Buffer();
      body.writeTo(buffer);
      byte[] content = buffer.readByteArray();
      state.keep(body, content);
      return content;
    } catch (IOException | RuntimeException unreadable) {
      return null; // sending will fail in the same way, and then it is the application's to see
    }
  }

  private static boolean mayRead(Request request, RequestBody body) {
    return !body.isOneShot()
        && !body.isDuplex()
        && request.header("Content-Encoding") == null
        && request.header("Expect") == null
        && isJson(request, body);
  }

  private static boolean isJson(Request request, RequestBody body) {
    MediaType type = body.contentType();
    if (type != null) {
      return type.subtype().equals("json") || type.subtype().endsWith("+json");
    }
    String header = request.header("Content-Type");
    return header != null && header.regionMatches(true, 0, "application/json", 0, 16);
  }
}
