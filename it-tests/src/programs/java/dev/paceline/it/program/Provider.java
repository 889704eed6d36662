package dev.paceline.it.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A server on 127.0.0.1 that says its bytes as a script likes; HTTP/1.1, kept alive. */
final class Provider implements AutoCloseable {
  static final String OK =
      "{\"id\":\"c-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\","
          + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"yes\"},"
          + "\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}";
  static final String LIMITED =
      "{\"error\":{\"message\":\"Rate limit reached for requests\",\"type\":\"requests\","
          + "\"param\":null,\"code\":\"rate_limit_exceeded\"}}";
  static final String QUOTA =
      "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and"
          + " billing details.\",\"type\":\"insufficient_quota\",\"param\":null,"
          + "\"code\":\"insufficient_quota\"}}";
  static final String BROKEN =
      "{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}";

  /** One request. */
  record Got(
      int number, String method, String path, Map<String, String> headers, byte[] body, long at) {
    String text() {
      return new String(body, UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** Who asks: the credential. */
    String key() {
      return header("Authorization").replace("Bearer ", "");
    }
  }

  /** What is said. */
  interface Script {
    void answer(Got got, Reply reply) throws Exception;
  }

  /** Writes to the client. */
  static final class Reply {
    final OutputStream out;
    final Socket socket;

    Reply(OutputStream out, Socket socket) {
      this.out = out;
      this.socket = socket;
    }

    /**
     * @param headers names and values in turn
     */
    void json(int status, String body, String... headers) throws IOException {
      say(status, "application/json", body.getBytes(UTF_8), headers);
    }

    void say(int status, String type, byte[] body, String... headers) throws IOException {
      raw(head(status, type, headers) + "Content-Length: " + body.length + "\r\n\r\n");
      out.write(body);
      out.flush();
    }

    static String head(int status, String type, String... headers) {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
      if (!type.isEmpty()) {
        head.append("Content-Type: ").append(type).append("\r\n");
      }
      for (int i = 0; i < headers.length; i += 2) {
        head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
      }
      return head.toString();
    }

    void raw(String text) throws IOException {
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    }

    /** Begins a body of unknown length. */
    void chunked(int status, String type, String... headers) throws IOException {
      raw(head(status, type, headers) + "Transfer-Encoding: chunked\r\n\r\n");
    }

    void chunk(String text) throws IOException {
      byte[] bytes = text.getBytes(UTF_8);
      raw(Integer.toHexString(bytes.length) + "\r\n");
      out.write(bytes);
      raw("\r\n");
    }

    void lastChunk() throws IOException {
      raw("0\r\n\r\n");
    }

    void close() throws IOException {
      socket.close();
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** The provider takes its time. */
    void after(long millis) {
      long end = System.nanoTime() + millis * 1_000_000;
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left); // may return before
      }
    }
  }

  final List<Got> got = new CopyOnWriteArrayList<>();
  final AtomicInteger accepted = new AtomicInteger();
  private final Map<String, AtomicInteger> perKey = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final ServerSocket server;
  private final Script script;

  Provider(Script script) throws IOException {
    this(new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1")), script);
  }

  Provider(ServerSocket server, Script script) {
    this.server = server;
    this.script = script;
    daemon(this::accept);
  }

  /** Nothing is left for so long; of a limit that lets one a second through. */
  static String[] nothingLeftFor(String duration) {
    return new String[] {
      "x-ratelimit-limit-requests", "60",
      "x-ratelimit-remaining-requests", "0",
      "x-ratelimit-reset-requests", duration
    };
  }

  /** Enough is left. */
  static String[] plenty() {
    return new String[] {
      "x-ratelimit-limit-requests", "600",
      "x-ratelimit-remaining-requests", "590",
      "x-ratelimit-reset-requests", "1s"
    };
  }

  static String chat(String question) {
    return "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + question
        + "\"}]}";
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  String chatUrl() {
    return url() + "/v1/chat/completions";
  }

  int arrived() {
    return got.size();
  }

  /** The number of this request among those of its credential, from 1. */
  int turn(Got request) {
    return perKey.computeIfAbsent(request.key(), k -> new AtomicInteger()).incrementAndGet();
  }

  static void daemon(Runnable task) {
    Thread thread = new Thread(null, task, "provider", 256 * 1024);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.incrementAndGet();
        daemon(() -> serve(socket));
      }
    } catch (IOException closed) {
      // over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 16_384);
      OutputStream out = socket.getOutputStream();
      Got request = read(in, out);
      while (request != null) {
        got.add(request);
        script.answer(request, new Reply(out, socket));
        request = read(in, out);
      }
    } catch (Exception gone) {
      // the client has had enough
    }
  }

  private Got read(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return null;
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    if (headers.getOrDefault("Expect", "").equalsIgnoreCase("100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
    }
    String[] words = first.split(" ");
    return new Got(
        count.incrementAndGet(), words[0], words[1], headers, body(in, headers), System.nanoTime());
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (!headers.getOrDefault("Transfer-Encoding", "").equalsIgnoreCase("chunked")) {
      int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
      byte[] whole = in.readNBytes(length);
      if (whole.length < length) {
        throw new IOException("the body ended early");
      }
      return whole;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(in), 16); size > 0; ) {
      whole.write(in.readNBytes(size));
      line(in);
      size = Integer.parseInt(line(in), 16);
    }
    line(in);
    return whole.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
