package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends a key and a prompt that nobody can mistake, and prints neither them nor what it gets: only
 * its length. Stays until it is told to go.
 */
public final class CanaryApp {
  private CanaryApp() {}

  /**
   * @param args key, prompt, and the scenarios
   */
  public static void main(String[] args) throws Exception {
    HttpClient jdk = HttpClient.newHttpClient();
    OkHttpClient okHttp = new OkHttpClient();
    for (int i = 2; i < args.length; i++) {
      String url = Runs.url() + "/v1/chat/completions?key=" + args[0];
      HttpRequest jdkRequest =
          HttpRequest.newBuilder(URI.create(url))
              .header("Authorization", "Bearer " + args[0])
              .header("api-key", args[0])
              .POST(HttpRequest.BodyPublishers.ofString(body(args[i] + ".jdk", args[1])))
              .build();
      tell(args[i] + ".jdk", () -> jdk.send(jdkRequest, BodyHandlers.ofString()).body());
      Request okHttpRequest =
          new Request.Builder()
              .url(url)
              .header("Authorization", "Bearer " + args[0])
              .header("api-key", args[0])
              .post(
                  RequestBody.create(
                      MediaType.get("application/json"), body(args[i] + ".okhttp", args[1])))
              .build();
      tell(
          args[i] + ".okhttp",
          () -> {
            try (Response response = okHttp.newCall(okHttpRequest).execute()) {
              return response.body().string();
            }
          });
    }
    System.out.println("done");
    while (System.in.read() != '\n') {
      // until the test has looked around
    }
    System.exit(0);
  }

  private interface Body {
    String get() throws Exception;
  }

  private static void tell(String run, Body body) throws Exception {
    int length;
    try {
      length = body.get().length();
    } catch (IOException e) {
      length = -1;
    }
    Say.run(run).with("ok", true).with("length", length).line();
  }

  private static String body(String model, String prompt) {
    return "{\"model\":\""
        + model
        + "\",\"user\":\""
        + prompt
        + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }
}
