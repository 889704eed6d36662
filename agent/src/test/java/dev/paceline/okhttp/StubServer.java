package dev.paceline.okhttp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/1.1 server on loopback that does what a script says, byte by byte if need be. */
public final class StubServer implements AutoCloseable {
  /** One request and its connection. */
  public record Exchange(
      int number, String path, Map<String, String> headers, String body, OutputStream out) {
    public void respond(int status, String headers, String body) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      head(status, headers + "Content-Length: " + bytes.length + "\r\n");
      write(body);
    }

    public void head(int status, String headers) {
      write(
          "HTTP/1.1 " + status + " Stub\r\nContent-Type: application/json\r\n" + headers + "\r\n");
    }

    public void write(String text) {
      try {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What the server does with a request. */
  public interface Script {
    void run(Exchange exchange) throws Exception;
  }

  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  public final List<Exchange> requests = new CopyOnWriteArrayList<>();
  private volatile Script script;

  /** Whether {@link #requests} is kept: not where requests come in hundred thousands. */
  public volatile boolean remembers = true;

  public StubServer(Script script) {
    this.script = script;
    try {
      server = new ServerSocket(0, 200, InetAddress.getByName(null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  public void script(Script script) {
    this.script = script;
  }

  public Script script() {
    return script;
  }

  public int port() {
    return server.getLocalPort();
  }

  public String url(String host, String path) {
    return "http://" + host + ":" + port() + path;
  }

  public int count() {
    return requests.size();
  }

  /** How many requests came, also those that were not remembered. */
  public int came() {
    return count.get();
  }

  /** Connections that no client has closed. */
  public int connections() {
    return sockets.size();
  }

  /** Waits on a latch for as long as the server lives. */
  public static void hold(CountDownLatch latch) throws InterruptedException {
    latch.await();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (true) {
        String first = line(in);
        if (first == null) {
          return;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String l; !(l = line(in)).isEmpty(); ) {
          headers.put(
              l.substring(0, l.indexOf(':')).toLowerCase(Locale.ROOT),
              l.substring(l.indexOf(':') + 1).trim());
        }
        String body = body(in, headers);
        Exchange exchange =
            new Exchange(count.incrementAndGet(), first.split(" ")[1], headers, body, out);
        if (remembers) {
          requests.add(exchange);
        }
        script.run(exchange);
      }
    } catch (Exception closed) {
      // the client went away, or the script wants the connection cut
    } finally {
      sockets.remove(socket);
    }
  }

  private static String body(InputStream in, Map<String, String> headers) throws IOException {
    if (headers.containsKey("content-length")) {
      int length = Integer.parseInt(headers.get("content-length"));
      return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
    StringBuilder body = new StringBuilder();
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      for (int n; (n = Integer.parseInt(line(in), 16)) > 0; ) {
        body.append(new String(in.readNBytes(n), StandardCharsets.UTF_8));
        line(in);
      }
      line(in);
    }
    return body.toString();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "stub-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
