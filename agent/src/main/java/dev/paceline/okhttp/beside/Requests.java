package dev.paceline.okhttp.beside;

import dev.paceline.call.Calls;
import dev.paceline.call.ReplayPool;
import dev.paceline.call.RequestContent;
import dev.paceline.call.RequestInfo;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import okhttp3.FormBody;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Translates a request, and reads its body ahead.
 *
 * <p>OkHttp's own bodies hold bytes, or read a file anew: they are written for reading, and sent as
 * they are. Any other is written once, and what was read is sent ({@link CopiedBody}). Bodies that
 * say that they are one-shot or duplex are left alone.
 *
 * <p>All of a body's methods but those of OkHttp's own are the application's: what they throw is no
 * fault of ours. They throw it again when OkHttp calls them, and then it is the application's to
 * see.
 */
final class Requests {
  /** A body up to this size is read ahead in the interceptor. */
  static final long MOST_BODY = 1 << 20;

  /** At enqueue only a small one: the caller expects to be back at once. */
  static final long MOST_BODY_AT_ENQUEUE = 256 << 10;

  /** What is sent, and what is known of its content. */
  record Ahead(Upload upload, RequestContent content) {}

  private Requests() {}

  /** Whether it opens a WebSocket, or asks the client's cache alone. */
  static boolean isNotForTheProvider(Request request) {
    return "websocket".equalsIgnoreCase(request.header("Upgrade"))
        || request.cacheControl().onlyIfCached();
  }

  static RequestInfo outgoing(Request request, Endpoint endpoint, CallState state) {
    return new RequestInfo(
        Client.OKHTTP,
        endpoint,
        request.method(),
        request.url().host(),
        new OkHeaders(request.headers()),
        replayable(request.body()),
        state.deadline,
        false,
        state.origin);
  }

  private static boolean replayable(@Nullable RequestBody body) {
    try {
      return body == null
          || (!body.isOneShot()
              && !body.isDuplex()
              && (isOwn(body) || body.contentLength() <= ReplayPool.MOST_BODY));
    } catch (Throwable theirs) {
      return false;
    }
  }

  /**
   * Reads the body at enqueue, and keeps it for the interceptor. Only a body that can be read
   * again, by its own word: this is the caller's thread, on which it would not be written without
   * the agent, and a stream may have nothing to give until the caller goes on.
   */
  static RequestContent keep(Request request, CallState state) {
    RequestBody body = request.body();
    try {
      if (body == null || body.isOneShot() || body.isDuplex()) {
        return RequestContent.UNREAD;
      }
      boolean own = isOwn(body);
      MediaType type = body.contentType();
      long length = own || saysItCanBeRepeated(body) ? body.contentLength() : -1;
      if (length < 0 || length > MOST_BODY_AT_ENQUEUE || !mayRead(request, type)) {
        return RequestContent.UNREAD;
      }
      if (own) {
        byte[] content = written(body).readByteArray();
        state.keep(body, content, null);
        return RequestContent.of(content);
      }
      CopiedBody copy = CopiedBody.read(body, type, length, MOST_BODY);
      state.keep(body, copy.bytes(), copy);
      return content(copy);
    } catch (Throwable theirs) {
      return RequestContent.UNREAD;
    }
  }

  /**
   * Reads the body in the interceptor. When the call is only observed nothing is read that could
   * not be read again.
   *
   * @param scratch what OkHttp's own bodies are read into, when they fit
   */
  static Ahead ahead(
      Calls calls,
      Request request,
      Endpoint endpoint,
      CallState state,
      byte[] scratch,
      ReplayPool pool) {
    RequestBody body = request.body();
    Upload asItIs = Upload.of(request);
    if (body == null) {
      return new Ahead(asItIs, RequestContent.UNREAD);
    }
    CopiedBody early = state.copy(body);
    if (early != null) {
      return new Ahead(Upload.of(request, early), content(early));
    }
    byte[] kept = state.kept(body);
    if (kept != null) {
      return new Ahead(asItIs, RequestContent.of(kept));
    }
    try {
      if (body.isOneShot() || body.isDuplex()) {
        return new Ahead(asItIs, RequestContent.UNREAD);
      }
      boolean own = isOwn(body);
      boolean handsOff = !own && calls.handsOff(endpoint.provider(), request.url().host());
      if (handsOff && !saysItCanBeRepeated(body)) {
        return new Ahead(asItIs, RequestContent.UNREAD);
      }
      MediaType type = body.contentType();
      long length = body.contentLength();
      if (length >= 0 && length <= MOST_BODY && mayRead(request, type)) {
        if (own) {
          return new Ahead(asItIs, into(scratch, written(body)));
        }
        CopiedBody copy = CopiedBody.read(body, type, length, MOST_BODY);
        return new Ahead(Upload.of(request, copy), content(copy));
      }
      return own || length > ReplayPool.MOST_BODY || handsOff
          ? new Ahead(asItIs, RequestContent.UNREAD)
          : new Ahead(Upload.of(request, new KeptBody(body, pool)), RequestContent.UNREAD);
    } catch (Throwable theirs) {
      return new Ahead(asItIs, RequestContent.UNREAD);
    }
  }

  private static RequestContent content(CopiedBody copy) {
    return copy.whole() ? RequestContent.of(copy.bytes()) : RequestContent.UNREAD;
  }

  private static RequestContent into(byte[] scratch, Buffer buffer) {
    if (buffer.size() > scratch.length) {
      return RequestContent.of(buffer.readByteArray());
    }
    int length = 0;
    for (int n; (n = buffer.read(scratch, length, scratch.length - length)) > 0; ) {
      length += n;
    }
    return new RequestContent(scratch, length);
  }

  private static Buffer written(RequestBody body) throws java.io.IOException {
    Buffer buffer = new Buffer();
    body.writeTo(buffer);
    return buffer;
  }

  /** Whether a body is of OkHttp's making, down to its parts. */
  private static boolean isOwn(RequestBody body) {
    if (body instanceof MultipartBody multipart && body.getClass() == MultipartBody.class) {
      for (MultipartBody.Part part : multipart.parts()) {
        if (!isOwn(part.body())) {
          return false;
        }
      }
      return true;
    }
    // What RequestBody.create makes of bytes or a file. Not its gzip: that wraps any other.
    return body.getClass() == FormBody.class
        || body.getClass().getName().startsWith("okhttp3.RequestBody$");
  }

  /** Whether the body's class says itself that it is not one-shot, as those of SDKs do. */
  private static boolean saysItCanBeRepeated(RequestBody body) throws NoSuchMethodException {
    return body.getClass().getMethod("isOneShot").getDeclaringClass() != RequestBody.class;
  }

  private static boolean mayRead(Request request, @Nullable MediaType type) {
    return request.header("Content-Encoding") == null
        && request.header("Expect") == null
        && isJson(request, type);
  }

  private static boolean isJson(Request request, @Nullable MediaType type) {
    if (type != null) {
      return type.subtype().equals("json") || type.subtype().endsWith("+json");
    }
    String header = request.header("Content-Type");
    return header != null && header.regionMatches(true, 0, "application/json", 0, 16);
  }
}
