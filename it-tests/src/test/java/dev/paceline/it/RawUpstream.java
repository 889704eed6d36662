package dev.paceline.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that says its bytes as it likes: one thread and one request a connection. */
final class RawUpstream implements AutoCloseable {
  private static final Pattern MODEL = Pattern.compile("\"model\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern LENGTH = Pattern.compile("(?i)\\r\\ncontent-length: *(\\d+)");

  /** What is said to one request. */
  interface Talk {
    /**
     * @param model what the request's body names
     * @param attempt the number of this request among those of its model, from 1
     */
    void say(String model, int attempt, Speech out) throws IOException, InterruptedException;
  }

  /** Writes to the client. */
  final class Speech {
    private final OutputStream out;

    private Speech(OutputStream out) {
      this.out = out;
    }

    Speech say(String text) throws IOException {
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
      return this;
    }

    Speech head(int status, int length, String... headers) throws IOException {
      return say(
          "HTTP/1.1 "
              + status
              + " Whatever\r\n"
              + "Content-Type: application/json\r\n"
              + "Connection: close\r\n"
              + "Content-Length: "
              + length
              + "\r\n"
              + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
              + "\r\n");
    }

    /** Says nothing more until the server is closed, or for so long. */
    Speech stall(long millis) throws InterruptedException {
      closed.await(millis, TimeUnit.MILLISECONDS);
      return this;
    }
  }

  private final ServerSocket server;
  private final Talk talk;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private RawUpstream(Talk talk) throws IOException {
    this.talk = talk;
    this.server = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
    daemon(this::accept);
  }

  static RawUpstream start(Talk talk) throws IOException {
    return new RawUpstream(talk);
  }

  int port() {
    return server.getLocalPort();
  }

  int attempts(String model) {
    AtomicInteger count = attempts.get(model);
    return count == null ? 0 : count.get();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-upstream");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException end) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      String request = request(socket.getInputStream());
      Matcher named = MODEL.matcher(request);
      String model = named.find() ? named.group(1) : "";
      int attempt = attempts.computeIfAbsent(model, m -> new AtomicInteger()).incrementAndGet();
      talk.say(model, attempt, new Speech(socket.getOutputStream()));
    } catch (IOException gone) {
      // the client has had enough
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String request(InputStream in) throws IOException {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    int wanted = -1;
    while (wanted < 0 || got.size() < wanted) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("end");
      }
      got.write(next);
      if (wanted < 0 && next == '\n') {
        String head = got.toString(ISO_8859_1);
        if (head.endsWith("\r\n\r\n")) {
          Matcher length = LENGTH.matcher(head);
          wanted = got.size() + (length.find() ? Integer.parseInt(length.group(1)) : 0);
        }
      }
    }
    return got.toString(ISO_8859_1);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
