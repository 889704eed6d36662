package dev.paceline.provider.error;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds an error among the first events of a stream: server-sent events, JSON lines, or AWS's
 * binary frames.
 */
public final class ErrorEvents {
  private static final int MAX_EVENTS = 64;

  private ErrorEvents() {}

  /** The event that is an error, as JSON; null when none of the events is. */
  public static LenientJson.@Nullable Node error(byte[] body) {
    int at = 0;
    boolean named = false;
    for (int events = 0; at < body.length && events < MAX_EVENTS; ) {
      int end = lineEnd(body, at);
      int start = at;
      at = end + 1;
      if (starts(body, start, end, "event:")) {
        named =
            new String(body, start, end - start, StandardCharsets.UTF_8).trim().endsWith("error");
        continue;
      }
      int json = starts(body, start, end, "data:") ? start + 5 : start;
      while (json < end && body[json] <= ' ') {
        json++;
      }
      if (json >= end || body[json] != '{') {
        continue;
      }
      events++;
      LenientJson.Node node = LenientJson.parse(body, json, end - json);
      LenientJson.Node error = node == null ? null : errorIn(node, named);
      if (error != null) {
        return error;
      }
      named = false;
    }
    return null;
  }

  /**
   * The error that an event or a 200's body is; null when it is none. A model's own words never
   * count: only these fields do.
   */
  public static LenientJson.@Nullable Node errorIn(LenientJson.Node node, boolean namedError) {
    String type = node.get("type").text();
    if (type.equals("response.failed") || type.equals("response.done")) {
      LenientJson.Node response = node.get("response");
      LenientJson.Node details = response.get("status_details");
      LenientJson.Node error = details.has("error") ? details.get("error") : response.get("error");
      return response.get("status").text().equals("completed") || !isError(error) ? null : error;
    }
    if (isError(node.get("error"))) {
      return node.get("error").isScalar() ? node : node.get("error");
    }
    if (namedError || type.equals("error")) {
      return node;
    }
    String baseStatus = node.get("base_resp").get("status_code").text();
    if (!baseStatus.isEmpty() && !baseStatus.equals("0")) {
      return node;
    }
    String errorCode = node.get("error_code").text();
    if (!errorCode.isEmpty() && !errorCode.equals("0") && node.has("error_msg")) {
      return node;
    }
    return null;
  }

  private static boolean isError(LenientJson.Node error) {
    return error.size() > 0
        || (error.isScalar() && !error.text().isEmpty() && !error.text().equals("false"));
  }

  /**
   * The name of the exception frame ({@code :exception-type}) of an AWS event stream; null when
   * there is none.
   */
  public static @Nullable String awsException(byte[] body) {
    String frames = new String(body, StandardCharsets.ISO_8859_1);
    int at = frames.indexOf(":exception-type");
    // Header value: type 7 (string), two bytes of length, the name.
    if (at < 0 || at + 18 > frames.length() || frames.charAt(at + 15) != 7) {
      return null;
    }
    int length = (frames.charAt(at + 16) << 8) | frames.charAt(at + 17);
    return length > 100 || at + 18 + length > frames.length()
        ? null
        : frames.substring(at + 18, at + 18 + length);
  }

  /** The JSON payload after the exception's headers; null when it is cut off. */
  public static LenientJson.@Nullable Node awsPayload(byte[] body) {
    String frames = new String(body, StandardCharsets.ISO_8859_1);
    int exception = frames.indexOf(":exception-type");
    int brace = exception < 0 ? -1 : frames.indexOf("{\"", exception);
    return brace < 0 ? null : LenientJson.parse(body, brace, body.length - brace);
  }

  private static int lineEnd(byte[] body, int from) {
    int at = from;
    while (at < body.length && body[at] != '\n' && body[at] != '\r') {
      at++;
    }
    return at;
  }

  public static boolean starts(byte[] body, int from, int end, String text) {
    if (end - from < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (body[from + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
