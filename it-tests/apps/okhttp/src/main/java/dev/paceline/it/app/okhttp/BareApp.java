package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Runs;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp in a JVM that has no {@code java.net.http}. */
public final class BareApp {
  private BareApp() {}

  public static void main(String[] runs) throws Exception {
    System.out.println(
        "java.net.http " + ModuleLayer.boot().findModule("java.net.http").isPresent());
    OkHttpClient client = new OkHttpClient();
    Runs.main(runs, Map.of("sync", model -> call(client, model)));
  }

  private static String call(OkHttpClient client, String model) throws Exception {
    Request request =
        new Request.Builder()
            .url(Runs.url() + "/v1/chat/completions")
            .post(
                RequestBody.create(
                    MediaType.get("application/json"), "{\"model\":\"" + model + "\"}"))
            .build();
    try (Response response = client.newCall(request).execute()) {
      return response.code() + " " + response.body().string();
    }
  }
}
