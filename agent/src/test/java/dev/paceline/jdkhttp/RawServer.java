package dev.paceline.jdkhttp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/1.1 server on loopback that answers from a script and remembers what it saw. */
final class RawServer implements AutoCloseable {
  /** A request as it arrived. */
  record Seen(String line, Map<String, String> headers, byte[] body) {}

  /** Answers one request; free to stall, to close, or to answer by halves. */
  interface Reply {
    void write(Seen request, Socket socket, OutputStream out) throws IOException;
  }

  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final AtomicInteger arrived = new AtomicInteger();
  private final Queue<Reply> script = new ConcurrentLinkedQueue<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final ServerSocket listening;
  private volatile Reply last = reply(200, "ok");

  /** Whether who asks first is told to send the body. */
  volatile boolean continues = true;

  /** Whether {@link #seen} is kept: not where requests come in hundred thousands. */
  volatile boolean remembers = true;

  RawServer() {
    try {
      listening = new ServerSocket(0, 600, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  /** The answers, in order; the last one is given for ever. */
  RawServer answers(Reply... replies) {
    script.addAll(List.of(replies).subList(0, replies.length - 1));
    last = replies[replies.length - 1];
    return this;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/v1/chat/completions");
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Connections that no client has closed. */
  int connections() {
    return open.size();
  }

  static Reply reply(int status, String body, String... headers) {
    return (request, socket, out) -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      out.write(head(status, "Content-Length: " + bytes.length, headers));
      out.write(bytes);
      out.flush();
    };
  }

  static byte[] head(int status, String first, String... headers) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
    head.append(first).append("\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        daemon(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (true) {
        String line = line(in);
        arrived.incrementAndGet();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String h = line(in); !h.isEmpty(); h = line(in)) {
          int colon = h.indexOf(':');
          headers.put(h.substring(0, colon), h.substring(colon + 1).trim());
        }
        if (continues && "100-continue".equalsIgnoreCase(headers.get("Expect"))) {
          // The client does not send the body before.
          out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          out.flush();
        }
        Seen request = new Seen(line, headers, body(in, headers));
        if (remembers) {
          seen.add(request);
        }
        Reply reply = script.poll();
        (reply == null ? last : reply).write(request, socket, out);
      }
    } catch (IOException closed) {
      // The client has gone, as in some of the tests it should.
    } finally {
      open.remove(socket);
    }
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    String length = headers.get("Content-Length");
    if (length != null) {
      return in.readNBytes(Integer.parseInt(length));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(headers.getOrDefault("Transfer-Encoding", "").toLowerCase(Locale.ROOT))) {
      for (int n = Integer.parseInt(line(in), 16); ; n = Integer.parseInt(line(in), 16)) {
        body.write(in.readNBytes(n));
        line(in);
        if (n == 0) {
          break;
        }
      }
    }
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException();
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : new ArrayList<>(open)) {
        socket.close();
      }
    } catch (IOException ignored) {
      // The test is over.
    }
  }
}
