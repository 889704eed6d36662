package dev.paceline.it.program;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp, in the words that all of its versions have. */
final class Ok {
  static final MediaType JSON = MediaType.parse("application/json");

  private Ok() {}

  static Request.Builder request(String url, String key, RequestBody body) {
    return new Request.Builder().url(url).header("Authorization", "Bearer " + key).post(body);
  }

  static Request chat(Provider provider, String key, String question) {
    return request(provider.chatUrl(), key, RequestBody.create(JSON, Provider.chat(question)))
        .build();
  }

  /** Status and body. */
  static String sync(OkHttpClient client, Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      return told(response);
    }
  }

  static String told(Response response) throws IOException {
    return response.code() + " " + Cases.text(response.body().string());
  }

  /** Status and body, or what went wrong. */
  static CompletableFuture<String> async(OkHttpClient client, Request request) {
    return async(client.newCall(request));
  }

  static CompletableFuture<String> async(Call call) {
    CompletableFuture<String> end = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            end.complete(Cases.told(e));
          }

          @Override
          public void onResponse(Call answered, Response response) {
            try (response) {
              end.complete(told(response));
            } catch (IOException e) {
              end.complete(Cases.told(e));
            }
          }
        });
    return end;
  }

  static String got(CompletableFuture<String> end) throws Exception {
    return end.get(15, TimeUnit.SECONDS);
  }
}
