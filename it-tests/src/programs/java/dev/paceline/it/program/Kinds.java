package dev.paceline.it.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Answers of all kinds, by the last segment of the path. */
final class Kinds {
  /** None of them is one that the agent repeats. */
  static final List<String> ALL =
      List.of(
          "fine",
          "empty",
          "chunked",
          "events",
          "large",
          "gzip",
          "no-content",
          "bad",
          "bad-large",
          "bad-chunked",
          "bad-slow",
          "bad-empty",
          "bad-text",
          "bad-utf8",
          "unauthorized",
          "quota",
          "not-implemented",
          "half",
          "half-chunked",
          "bad-half",
          "bad-reset",
          "trailing-close",
          "redirect",
          "early-hints");

  private Kinds() {}

  static void answer(Provider.Got got, Provider.Reply reply) throws IOException {
    String kind = got.path().substring(got.path().lastIndexOf('=') + 1);
    switch (kind) {
      case "empty" -> reply.json(200, "");
      case "chunked" -> {
        reply.chunked(200, "application/json");
        for (String part : Provider.OK.split("(?<=,)")) {
          reply.chunk(part);
        }
        reply.lastChunk();
      }
      case "events" -> {
        reply.chunked(200, "text/event-stream");
        for (String word : new String[] {"one", "two", "three"}) {
          reply.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" + word + "\"}}]}\n\n");
          reply.after(20);
        }
        reply.chunk("data: [DONE]\n\n");
        reply.lastChunk();
      }
      case "large" ->
          reply.say(
              200, "text/plain", "0123456789".repeat(60_000).getBytes(StandardCharsets.UTF_8));
      case "gzip" ->
          reply.say(200, "application/json", zipped(Provider.OK), "Content-Encoding", "gzip");
      case "no-content" -> reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
      case "bad" -> reply.json(400, error("no"), "X-Request-Id", "req-1");
      case "bad-large" -> reply.json(400, error("n".repeat(200_000)));
      case "bad-chunked" -> {
        reply.chunked(400, "application/json");
        for (String part : error("in parts").split("(?<=:)")) {
          reply.chunk(part);
          reply.after(30);
        }
        reply.lastChunk();
      }
      case "bad-slow" -> {
        reply.chunked(400, "application/json");
        reply.chunk("{\"error\":");
        reply.after(1_400);
        reply.chunk("{\"message\":\"at last\"}}");
        reply.lastChunk();
      }
      case "bad-empty" -> reply.json(404, "");
      case "bad-text" ->
          reply.say(413, "text/html", "<h1>too large</h1>".getBytes(StandardCharsets.UTF_8));
      case "bad-utf8" ->
          reply.say(400, "application/json", new byte[] {'{', '"', (byte) 0xC3, (byte) 0x28, '}'});
      case "unauthorized" ->
          reply.json(401, error("who?"), "WWW-Authenticate", "Bearer realm=\"it\"");
      case "quota" -> reply.json(429, Provider.QUOTA);
      case "not-implemented" -> reply.json(501, error("no such thing"));
      case "half" -> half(reply, 200, Provider.OK);
      case "half-chunked" -> {
        reply.chunked(200, "application/json");
        reply.chunk("{\"half\":");
        reply.after(60);
        reply.close();
      }
      case "bad-half" -> half(reply, 400, error("half of it"));
      case "bad-reset" -> {
        reply.raw(
            Provider.Reply.head(400, "application/json") + "Content-Length: 500\r\n\r\n{\"half\":");
        reply.after(150);
        reply.reset();
      }
      case "trailing-close" -> {
        reply.json(200, Provider.OK, "Connection", "close");
        reply.close();
      }
      case "redirect" ->
          reply.json(307, "moved", "Location", got.path().replace("redirect", "fine"));
      case "early-hints" -> {
        reply.raw("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n");
        reply.json(200, Provider.OK);
      }
      default -> reply.json(200, Provider.OK);
    }
  }

  private static void half(Provider.Reply reply, int status, String body) throws IOException {
    reply.raw(
        Provider.Reply.head(status, "application/json")
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body.substring(0, body.length() / 2));
    // So that the client has read the head, and some of the body, before.
    reply.after(200);
    reply.close();
  }

  private static String error(String message) {
    return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"invalid_request_error\"}}";
  }

  private static byte[] zipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
