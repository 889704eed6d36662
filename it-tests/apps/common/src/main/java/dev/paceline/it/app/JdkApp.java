package dev.paceline.it.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** The JDK's HttpClient: sync, async, SSE, over HTTP/1.1 and HTTP/2. */
public final class JdkApp {
  private static final HttpClient H1 =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final HttpClient H2 =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();

  private JdkApp() {}

  public static void main(String[] args) throws Exception {
    Map<String, Runs.Mode> modes = new LinkedHashMap<>();
    modes.put("sync", JdkApp::syncOverHttp);
    modes.put("sim", JdkApp::syncWithSim);
    modes.put("threads", run -> agentsThreads());
    modes.put("async", model -> async(H1, Runs.url(), model));
    modes.put("stream", model -> stream(H1, Runs.url(), model));
    modes.put("sync-tls", model -> sync(H1, Runs.tlsUrl(), model));
    modes.put("async-tls", model -> async(H1, Runs.tlsUrl(), model));
    modes.put("stream-tls", model -> stream(H1, Runs.tlsUrl(), model));
    modes.put("sync-h2", model -> sync(H2, Runs.tlsUrl(), model));
    modes.put("async-h2", model -> async(H2, Runs.tlsUrl(), model));
    modes.put("stream-h2", model -> stream(H2, Runs.tlsUrl(), model));
    Runs.main(args, modes);
  }

  /** The plainest call: blocking, HTTP/1.1, no TLS. */
  public static String syncOverHttp(String model) throws Exception {
    return sync(H1, Runs.url(), model);
  }

  /** The same with the rate-limited provider. */
  public static String syncWithSim(String model) throws Exception {
    return sync(H1, Runs.simUrl(), model);
  }

  private static String agentsThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("paceline"))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  static HttpRequest chat(String url, String model, boolean stream) {
    return HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
        .header("Authorization", "Bearer " + System.getProperty("it.key", "sk-it"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(chatBody(model, stream)))
        .build();
  }

  /** A chat request of OpenAI's shape. */
  public static String chatBody(String model, boolean stream) {
    return "{\"model\":\""
        + model
        + "\",\"stream\":"
        + stream
        + ",\"messages\":[{\"role\":\"user\",\"content\":\""
        + Runs.question()
        + "\"}]}";
  }

  static String sync(HttpClient client, String url, String model) throws Exception {
    return told(client.send(chat(url, model, false), BodyHandlers.ofString()));
  }

  private static String async(HttpClient client, String url, String model) throws Exception {
    try {
      return told(client.sendAsync(chat(url, model, false), BodyHandlers.ofString()).get());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String stream(HttpClient client, String url, String model) throws Exception {
    HttpResponse<InputStream> answer =
        client.send(chat(url, model, true), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      if (answer.statusCode() != 200) {
        throw new IOException(answer.statusCode() + " " + text);
      }
      return deltas(text);
    }
  }

  private static String told(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() != 200) {
      throw new IOException(answer.statusCode() + " " + answer.body());
    }
    return content(answer.body());
  }

  /** The text of a chat answer. */
  public static String content(String json) {
    int at = json.indexOf("\"content\":\"");
    return at < 0 ? "" : json.substring(at + 11, json.indexOf('"', at + 11));
  }

  /** The text of a stream of chat chunks. */
  public static String deltas(String events) {
    return events
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(JdkApp::content)
        .collect(Collectors.joining());
  }
}
