package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Both clients, blocking and not, in one JVM; the runs tell status and body just as they came. Asks
 * the path {@code it.path}, a chat completion by default.
 */
public final class FourClients {
  private static final MediaType JSON = MediaType.get("application/json");
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final OkHttpClient OKHTTP = new OkHttpClient();
  private static final String PATH = System.getProperty("it.path", "/v1/chat/completions");

  private FourClients() {}

  public static void main(String[] runs) throws Exception {
    Map<String, Runs.Mode> modes = new LinkedHashMap<>();
    for (String client : new String[] {"jdk-sync", "jdk-async", "okhttp-sync", "okhttp-async"}) {
      modes.put(client, model -> call(client, model));
    }
    Runs.main(runs, modes);
  }

  /** Status and body, as the application sees them. */
  static String call(String client, String model) throws Exception {
    return switch (client) {
      case "jdk-sync" -> told(JDK.send(request(model), BodyHandlers.ofString()));
      case "jdk-async" -> {
        try {
          yield told(JDK.sendAsync(request(model), BodyHandlers.ofString()).get());
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        }
      }
      case "okhttp-sync" -> told(okHttp(model).execute());
      case "okhttp-async" -> enqueue(okHttp(model));
      default -> throw new IllegalArgumentException(client);
    };
  }

  private static HttpRequest request(String model) {
    return HttpRequest.newBuilder(URI.create(Runs.url() + PATH))
        .header("Authorization", "Bearer sk-it")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(JdkApp.chatBody(model, false)))
        .build();
  }

  /** Of a new client each time: its constructor is hooked, too. */
  private static Call okHttp(String model) {
    return OKHTTP
        .newBuilder()
        .build()
        .newCall(
            new Request.Builder()
                .url(Runs.url() + PATH)
                .header("Authorization", "Bearer sk-it")
                .post(RequestBody.create(JSON, JdkApp.chatBody(model, false)))
                .build());
  }

  private static String told(java.net.http.HttpResponse<String> answer) {
    return answer.statusCode() + " " + answer.body();
  }

  private static String told(Response response) throws IOException {
    try (response) {
      return response.code() + " " + response.body().string();
    }
  }

  private static String enqueue(Call call) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call call, IOException e) {
            text.completeExceptionally(e);
          }

          @Override
          public void onResponse(Call call, Response response) throws IOException {
            text.complete(told(response));
          }
        });
    return OkHttpApp.got(text);
  }
}
