package dev.paceline.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.paceline.metrics.Exposition.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One connection: one request is read, one answer written, and it ends. */
final class Connection {
  /** It is us who take the time. */
  static final long NOT_WAITING = Long.MIN_VALUE;

  /** Of request line and headers; more than any browser or scraper sends. */
  private static final int MOST_HEAD = 32 * 1024;

  /** Of a body that nobody reads: closing before it has come would cut off our answer. */
  private static final int MOST_DRAINED = 64 * 1024;

  private static final int DRAIN_MILLIS = 500;

  /**
   * What was asked.
   *
   * @param path decoded
   * @param query as it came; empty when there is none
   * @param local the address of this machine that the client has connected to
   */
  record Request(
      String method,
      String path,
      String query,
      TreeMap<String, List<String>> headers,
      InetAddress local) {
    /** All values of a header; its name is matched without regard to case. */
    List<String> all(String name) {
      return headers.getOrDefault(name, List.of());
    }

    @Nullable String first(String name) {
      List<String> values = all(name);
      return values.isEmpty() ? null : values.get(0);
    }
  }

  /** What is answered. */
  record Reply(int status, Page page) {
    static Reply text(int status, String line) {
      return new Reply(
          status, new Page("text/plain; charset=utf-8", (line + "\n").getBytes(UTF_8)));
    }
  }

  private final Socket socket;
  private final Function<Request, Reply> pages;
  private volatile long waitsSince = System.nanoTime();
  private volatile boolean writes;

  Connection(Socket socket, Function<Request, Reply> pages) {
    this.socket = socket;
    this.pages = pages;
  }

  /** Since when the client keeps us waiting; {@link #NOT_WAITING} when it does not. */
  long waitsForClientSince() {
    return waitsSince;
  }

  boolean writes() {
    return writes;
  }

  /** From any thread; ends what the connection's own is blocked in. */
  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed for whoever asks.
    }
  }

  void run() throws IOException {
    socket.setTcpNoDelay(true);
    InputStream in = socket.getInputStream();
    Request request = null;
    Reply reply;
    try {
      String head = head(in);
      if (head.isEmpty()) {
        return; // opened and closed, as health checks do
      }
      request = parse(head, socket.getLocalAddress());
    } catch (URISyntaxException | IllegalArgumentException e) {
      // answered below
    }
    waitsSince = NOT_WAITING;
    reply = request == null ? Reply.text(400, "not a request") : pages.apply(request);
    waitsSince = System.nanoTime();
    writes = true;
    write(socket.getOutputStream(), request, reply);
    drain(in, request);
  }

  /** Up to the empty line, without it; empty when the client has left. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(512);
    int state = 0; // ends of line in a row
    for (int c = in.read(); ; c = in.read()) {
      if (c < 0) {
        return "";
      }
      head.write(c);
      if (c == '\n') {
        if (++state == 2 || head.size() <= 2) {
          return head.toString(ISO_8859_1);
        }
      } else if (c != '\r') {
        state = 0;
      }
      if (head.size() > MOST_HEAD) {
        throw new IllegalArgumentException("too long");
      }
    }
  }

  private static Request parse(String head, InetAddress local) throws URISyntaxException {
    List<String> lines = head.lines().toList();
    String[] words = lines.get(0).split(" ", -1);
    if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
      throw new IllegalArgumentException("not HTTP/1");
    }
    URI target = new URI(words[1]);
    String path = target.getPath();
    if (path == null || words[0].isEmpty()) {
      throw new IllegalArgumentException("no path");
    }
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers
            .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>(1))
            .add(line.substring(colon + 1).strip());
      } else if (!line.isBlank()) {
        throw new IllegalArgumentException("not a header");
      }
    }
    String query = target.getRawQuery();
    return new Request(words[0], path, query == null ? "" : query, headers, local);
  }

  private static void write(OutputStream out, @Nullable Request request, Reply reply)
      throws IOException {
    byte[] body = reply.page.body();
    String head =
        "HTTP/1.1 "
            + reply.status
            + ' '
            + reason(reply.status)
            + "\r\nDate: "
            + DateTimeFormatter.RFC_1123_DATE_TIME
                .withLocale(Locale.ROOT)
                .format(ZonedDateTime.now(ZoneOffset.UTC))
            + (reply.status == 405 ? "\r\nAllow: GET, HEAD" : "")
            + "\r\nContent-Type: "
            + reply.page.contentType()
            + "\r\nContent-Length: "
            + body.length
            + "\r\nContent-Security-Policy: default-src 'self'"
            + "\r\nX-Content-Type-Options: nosniff"
            + "\r\nX-Frame-Options: DENY"
            + "\r\nReferrer-Policy: no-referrer"
            + "\r\nCache-Control: no-store"
            + "\r\nConnection: close\r\n\r\n";
    out.write(head.getBytes(ISO_8859_1));
    if (request == null || !request.method.equals("HEAD")) {
      out.write(body);
    }
    out.flush();
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      default -> "Internal Server Error";
    };
  }

  private void drain(InputStream in, @Nullable Request request) throws IOException {
    socket.shutdownOutput();
    if (request != null
        && request.first("content-length") == null
        && request.first("transfer-encoding") == null) {
      return;
    }
    socket.setSoTimeout(DRAIN_MILLIS);
    byte[] buffer = new byte[4096];
    int drained = 0;
    for (int n = in.read(buffer); n > 0 && drained < MOST_DRAINED; n = in.read(buffer)) {
      drained += n;
    }
  }
}
