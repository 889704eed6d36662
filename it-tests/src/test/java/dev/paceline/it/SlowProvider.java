package dev.paceline.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A provider that takes its time, and notes when which request arrived. */
final class SlowProvider implements AutoCloseable {
  /**
   * @param id the request's header {@code x-id}; empty without one
   * @param micros since the epoch, when its headers had been read
   */
  record Arrival(String id, long micros) {}

  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService answers = Executors.newScheduledThreadPool(4);
  private final HttpServer server;
  private final long millis;

  private SlowProvider(long millis) throws IOException {
    this.millis = millis;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    server.setExecutor(readers);
    server.createContext("/", this::serve);
    server.start();
  }

  static SlowProvider start(long millis) {
    try {
      return new SlowProvider(millis);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  private void serve(HttpExchange exchange) throws IOException {
    String id = exchange.getRequestHeaders().getFirst("x-id");
    arrivals.add(
        new Arrival(id == null ? "" : id, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    answers.schedule(() -> answer(exchange, body), millis, TimeUnit.MILLISECONDS);
  }

  private static void answer(HttpExchange exchange, String body) {
    Answer.Spoken spoken = Answer.success(exchange.getRequestURI().getPath(), body);
    byte[] bytes = spoken.body().getBytes(StandardCharsets.UTF_8);
    spoken.type().ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
    try (exchange) {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (IOException gone) {
      // its caller has left
    }
  }

  @Override
  public void close() {
    server.stop(0);
    readers.shutdownNow();
    answers.shutdownNow();
  }
}
