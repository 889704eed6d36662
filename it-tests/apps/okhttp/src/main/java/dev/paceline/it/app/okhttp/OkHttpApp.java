package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Raw OkHttp: sync, async, a stream read by hand and one read by okhttp-sse, over HTTP/1.1 and
 * HTTP/2. Compiled against the oldest supported version, run with all.
 */
public final class OkHttpApp {
  private static final MediaType JSON = MediaType.get("application/json");

  private OkHttpApp() {}

  public static void main(String[] args) throws Exception {
    OkHttpClient h1 = client(List.of(Protocol.HTTP_1_1));
    OkHttpClient h2 = client(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
    Map<String, Runs.Mode> modes = new LinkedHashMap<>();
    add(modes, "", h1, Runs.url());
    add(modes, "-tls", h1, Runs.tlsUrl());
    add(modes, "-h2", h2, Runs.tlsUrl());
    modes.put("jdk", JdkApp::syncOverHttp);
    modes.put("sim", model -> text(h1.newCall(chat(Runs.simUrl(), model, false)).execute()));
    Runs.main(args, modes);
  }

  private static void add(
      Map<String, Runs.Mode> modes, String suffix, OkHttpClient client, String url) {
    modes.put("sync" + suffix, model -> text(client.newCall(chat(url, model, false)).execute()));
    modes.put("async" + suffix, model -> async(client, url, model));
    modes.put("stream" + suffix, model -> text(client.newCall(chat(url, model, true)).execute()));
    modes.put("events" + suffix, model -> SseMode.events(client, url, model));
  }

  /** With {@code it.places=N} so many requests at a time, all hosts and each of them. */
  static OkHttpClient client(List<Protocol> protocols) {
    OkHttpClient client =
        new OkHttpClient.Builder().protocols(protocols).readTimeout(30, TimeUnit.SECONDS).build();
    int places = Integer.getInteger("it.places", 0);
    if (places > 0) {
      client.dispatcher().setMaxRequests(places);
      client.dispatcher().setMaxRequestsPerHost(places);
    }
    return client;
  }

  static Request chat(String url, String model, boolean stream) {
    return new Request.Builder()
        .url(url + "/v1/chat/completions")
        .header("Authorization", "Bearer sk-it")
        .post(RequestBody.create(JSON, JdkApp.chatBody(model, stream)))
        .build();
  }

  static String text(Response response) throws IOException {
    try (response) {
      String body = response.body().string();
      if (response.code() != 200) {
        throw new IOException(response.code() + " " + body);
      }
      return body.startsWith("data:") ? JdkApp.deltas(body) : JdkApp.content(body);
    }
  }

  private static String async(OkHttpClient client, String url, String model) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    client
        .newCall(chat(url, model, false))
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                text.completeExceptionally(e);
              }

              @Override
              public void onResponse(Call call, Response response) throws IOException {
                try {
                  text.complete(text(response));
                } catch (IOException e) {
                  text.completeExceptionally(e);
                }
              }
            });
    return got(text);
  }

  static String got(CompletableFuture<String> text) throws Exception {
    try {
      return text.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
