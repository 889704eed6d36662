package dev.paceline.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider whose streams can stand still, so that a test knows exactly what had been said when an
 * application hung up. The model's name, {@code scenario.mode}, chooses: {@code fine} answers
 * whole, {@code talking} says what {@link #begun} says and no more, {@code silent} says nothing but
 * headers, {@code gone} breaks off behind them.
 */
final class TalkingUpstream implements AutoCloseable {
  /** What a talking stream has reported. */
  static final int INPUT = 9;

  static final int OUTPUT = 3;

  private static final Pattern MODEL =
      Pattern.compile("(?:\"model\"\\s*:\\s*\"|/models/)(\\w+)\\.");

  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  private TalkingUpstream() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  static TalkingUpstream start() throws IOException {
    return new TalkingUpstream();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Matcher model = MODEL.matcher(path + request);
    String scenario = model.find() ? model.group(1) : "";
    Answer.Spoken whole = Answer.success(path, request);
    exchange.getResponseHeaders().set("content-type", whole.type().orElseThrow());
    if (scenario.equals("gone")) {
      exchange.sendResponseHeaders(200, 1_000);
      exchange.close(); // fewer bytes than promised
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      switch (scenario) {
        case "fine" -> out.write(whole.body().getBytes(StandardCharsets.UTF_8));
        case "talking" -> {
          out.write(begun(path).getBytes(StandardCharsets.UTF_8));
          out.flush();
          hold();
        }
        case "silent" -> hold();
        default -> throw new IOException("no such scenario: " + scenario);
      }
    }
  }

  private void hold() {
    try {
      over.await(5, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The beginning of a stream, in one piece; usage as far as it is reported by then. */
  private static String begun(String path) {
    if (path.contains("/messages")) {
      return """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
      "model":"m","content":[],"stop_reason":null,"stop_sequence":null,\
      "usage":{"input_tokens":9,"output_tokens":3}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      """;
    }
    if (path.contains("enerateContent")) {
      return """
      data: {"candidates":[{"content":{"parts":[{"text":"about "}],"role":"model"},"index":0}],\
      "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10}}

      data: {"candidates":[{"content":{"parts":[{"text":"300000 "}],"role":"model"},"index":0}],\
      "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"totalTokenCount":12}}

      """;
    }
    // As servers report it that are asked for usage in every chunk.
    return """
    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":\
    [{"index":0,"delta":{"role":"assistant","content":"about "},"finish_reason":null}],\
    "usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}

    data: {"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":\
    [{"index":0,"delta":{"content":"300000 "},"finish_reason":null}],\
    "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}

    """;
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
