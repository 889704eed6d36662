package dev.paceline.it.app.suites;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Answers on loopback what a suite that was written against the real one expects. */
final class PlayedOpenAi {
  private static final String TEXT = "Berlin\n\nParis";
  private static final HttpServer SERVER = start();

  private PlayedOpenAi() {}

  static String url() {
    return "http://127.0.0.1:" + SERVER.getAddress().getPort();
  }

  private static HttpServer start() {
    try {
      int port = Integer.getInteger("it.port", 0);
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
      server.createContext("/v1/chat/completions", PlayedOpenAi::answer);
      server.setExecutor(
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "played-openai");
                thread.setDaemon(true);
                return thread;
              }));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String key = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    if (key.contains("banana")) {
      json(exchange, 401, error("Incorrect API key provided: banana", "invalid_api_key"));
    } else if (!body.contains("\"messages\"")) {
      json(exchange, 400, error("Missing required parameter: 'messages'.", "missing_parameter"));
    } else if (body.contains("\"stream\": true")) {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      exchange.sendResponseHeaders(200, 0);
      for (int i = 0; i < TEXT.length(); i++) {
        write(exchange, "data: {\"choices\":[{\"delta\":{\"content\":" + quoted(i) + "}}]}\n\n");
      }
      write(exchange, "data: [DONE]\n\n");
      exchange.close();
    } else {
      json(
          exchange,
          200,
          "{\"choices\":[{\"message\":{\"content\":\"Berlin\"}}],\"usage\":{\"prompt_tokens\":9,"
              + "\"completion_tokens\":1,\"total_tokens\":10}}");
    }
  }

  private static String quoted(int index) {
    char c = TEXT.charAt(index);
    return c == '\n' ? "\"\\n\"" : "\"" + c + "\"";
  }

  private static String error(String message, String code) {
    return "{\"error\":{\"message\":\""
        + message
        + "\",\"type\":\"invalid_request_error\",\"code\":\""
        + code
        + "\"}}";
  }

  private static void write(HttpExchange exchange, String text) throws IOException {
    exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
  }

  private static void json(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
