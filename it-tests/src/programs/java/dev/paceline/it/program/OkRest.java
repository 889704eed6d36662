package dev.paceline.it.program;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** OkHttp's cache is not the provider (issue A8 (17), B). */
public final class OkRest {
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            if (got.path().endsWith("/models")) {
              reply.json(
                  200,
                  "{\"data\":[]}",
                  "Cache-Control",
                  "max-age=600",
                  "x-ratelimit-limit-requests",
                  "60",
                  "x-ratelimit-remaining-requests",
                  "0",
                  "x-ratelimit-reset-requests",
                  "40s");
            } else {
              reply.json(200, Provider.OK);
            }
          });

  private OkRest() throws IOException {}

  public static void main(String[] names) throws IOException {
    OkRest all = new OkRest();
    Cases cases = new Cases(names);
    cases.add("cache hits", all::hits);
    cases.add("only-if-cached, GET", () -> all.onlyIfCached(true));
    cases.add("only-if-cached, POST", () -> all.onlyIfCached(false));
    cases.add("first request to any host", all::firstRequest);
    cases.end();
  }

  private String hits() throws IOException {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .cache(new Cache(Files.createTempDirectory("it").toFile(), 1 << 20))
            .build();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      Request request =
          new Request.Builder()
              .url(provider.url() + "/v1/models")
              .header("Authorization", "Bearer sk-cache")
              .build();
      long begin = System.nanoTime();
      try (Response response = client.newCall(request).execute()) {
        response.body().string();
        boolean inTime = System.nanoTime() - begin < 3_000_000_000L;
        // The first of all is also when much is loaded.
        boolean cached = response.networkResponse() == null;
        all.append(cached ? "cache" : "network").append(i == 0 || inTime ? ", " : " LATE, ");
      }
    }
    return all + "sent " + provider.arrived();
  }

  private String onlyIfCached(boolean get) throws IOException {
    OkHttpClient client = new OkHttpClient();
    Request.Builder request =
        get
            ? new Request.Builder().url(provider.url() + "/v1/other")
            : Ok.chat(provider, "sk-cached-only", "q").newBuilder();
    int before = provider.arrived();
    long begin = System.nanoTime();
    try (Response response =
        client.newCall(request.cacheControl(CacheControl.FORCE_CACHE).build()).execute()) {
      return response.code()
          + " "
          + response.message()
          + ", at once "
          + (System.nanoTime() - begin < 500_000_000L)
          + ", sent "
          + (provider.arrived() - before);
    }
  }

  /** With a timeout that leaves no room for anything else. */
  private String firstRequest() throws IOException {
    OkHttpClient client = new OkHttpClient.Builder().callTimeout(1, TimeUnit.SECONDS).build();
    return Ok.sync(
        client, new Request.Builder().url("http://localhost:" + provider.port() + "/").build());
  }
}
