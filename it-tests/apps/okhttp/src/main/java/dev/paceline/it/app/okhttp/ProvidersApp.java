package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Say;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends what a file says, each line through the client that it names, and in the end says what the
 * agent counted; at an empty line it says what the agent has learned from what came before. A line:
 * run, client, URL, headers ({@code name: value}, apart by {@code |}), body, with tabs between
 * them.
 */
public final class ProvidersApp {
  private static final HttpClient JDK = HttpClient.newHttpClient();
  private static final OkHttpClient OKHTTP = new OkHttpClient();

  private ProvidersApp() {}

  /** File with the requests, and the address of the agent's console. */
  public static void main(String[] args) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(12);
    List<Future<?>> runs = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (line.isEmpty()) {
        await(runs);
        System.out.print("STATE " + page(args[1] + "/api/state.json").strip() + "\n");
        continue;
      }
      String[] parts = line.split("\t", -1);
      runs.add(threads.submit(() -> run(parts)));
    }
    await(runs);
    page(args[1] + "/metrics")
        .lines()
        .filter(line -> line.startsWith("paceline_"))
        .forEach(line -> System.out.print("METRIC " + line + "\n"));
    System.out.flush();
    System.exit(0);
  }

  private static void await(List<Future<?>> runs) throws Exception {
    for (Future<?> run : runs) {
      run.get();
    }
  }

  /** Not through a client that the agent knows. */
  private static String page(String url) throws IOException {
    try (InputStream page = new URL(url).openStream()) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void run(String[] parts) {
    Say say = Say.run(parts[0]);
    try {
      String text =
          parts[1].equals("jdk")
              ? jdk(parts[2], parts[3].split("\\|"), parts[4])
              : okhttp(parts[2], parts[3].split("\\|"), parts[4]);
      say.with("ok", true).with("text", text);
    } catch (Throwable t) {
      say.with("ok", false).failure(t);
    }
    say.line();
  }

  private static String jdk(String url, String[] headers, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofString(body));
    for (String header : headers) {
      int colon = header.indexOf(':');
      request.header(header.substring(0, colon), header.substring(colon + 1).trim());
    }
    HttpResponse<byte[]> answer = JDK.send(request.build(), BodyHandlers.ofByteArray());
    return told(answer.statusCode(), answer.body());
  }

  private static String okhttp(String url, String[] headers, String body) throws IOException {
    Request.Builder request =
        new Request.Builder()
            .url(url)
            .post(RequestBody.create((MediaType) null, body.getBytes(StandardCharsets.UTF_8)));
    for (String header : headers) {
      int colon = header.indexOf(':');
      request.header(header.substring(0, colon), header.substring(colon + 1).trim());
    }
    try (Response answer = OKHTTP.newCall(request.build()).execute()) {
      return told(answer.code(), answer.body().bytes());
    }
  }

  private static String told(int status, byte[] body) {
    return status + " " + new String(body, StandardCharsets.ISO_8859_1);
  }
}
