package dev.paceline.okhttp.beside;

import dev.paceline.call.Content;
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

  static Outgoing outgoing(Request request, Endpoint endpoint, CallState state) {
    RequestBody body = request.body();
    return new Outgoing(
        Client.OKHTTP,
        endpoint,
        request.method(),
        request.url().host(),
        new OkHeaders(request.headers()),
        body == null || (!body.isOneShot() && !body.isDuplex()),
        state.deadline,
        false);
  }

  /**
   * Reads the body at enqueue, and keeps it for the interceptor, so that it is written once only
   * for reading ahead.
   */
  static Content keep(Request request, CallState state) {
    RequestBody body = request.body();
    if (body == null || !mayRead(request, body)) {
      return Content.UNREAD;
    }
    Buffer buffer = read(body, MOST_BODY_AT_ENQUEUE);
    if (buffer == null) {
      return Content.UNREAD;
    }
    byte[] content = buffer.readByteArray();
    state.keep(body, content);
    return Content.of(content);
  }

  /** Reads the body in the interceptor: into {@code scratch} when it fits. */
  static Content content(Request request, CallState state, byte[] scratch) {
    RequestBody body = request.body();
    if (body == null) {
      return Content.UNREAD;
    }
    byte[] kept = state.kept(body);
    if (kept != null) {
      return Content.of(kept);
    }
    Buffer buffer = mayRead(request, body) ? read(body, MOST_BODY) : null;
    if (buffer == null) {
      return Content.UNREAD;
    }
    if (buffer.size() > scratch.length) {
      return Content.of(buffer.readByteArray());
    }
    int length = 0;
    for (int n; (n = buffer.read(scratch, length, scratch.length - length)) > 0; ) {
      length += n;
    }
    return new Content(scratch, length);
  }

  private static @Nullable Buffer read(RequestBody body, long most) {
    try {
      long length = body.contentLength();
      if (length < 0 || length > most) {
        return null;
      }
      Buffer buffer = new Buffer();
      body.writeTo(buffer);
      return buffer;
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
