package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * More calls than the limit allows, evenly spread, all asynchronous and each with a deadline.
 * Arguments: calls a second, seconds, seconds to the deadline, and the runs {@code name.client}
 * with client {@code jdk} or {@code okhttp}, made at the same time. Tells how many calls had which
 * fate, and the longest time that each fate took.
 */
public final class OverloadApp {
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final MediaType JSON = MediaType.get("application/json");
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private OverloadApp() {}

  private interface Caller {
    /** The fate of a call: {@code ok}, {@code local}, {@code limited} or {@code failed}. */
    CompletableFuture<String> call(String model);
  }

  public static void main(String[] args) throws Exception {
    int rate = Integer.parseInt(args[0]);
    int calls = rate * Integer.parseInt(args[1]);
    Duration deadline = Duration.ofSeconds(Integer.parseInt(args[2]));
    CountDownLatch done = new CountDownLatch(args.length - 3);
    for (String run : List.of(args).subList(3, args.length)) {
      Caller caller = run.endsWith(".jdk") ? jdk(deadline) : okHttp(deadline);
      new Thread(
              () -> {
                make(run, caller, calls, 1_000_000_000L / rate);
                done.countDown();
              })
          .start();
    }
    done.await();
    System.exit(0);
  }

  private static void make(String run, Caller caller, int calls, long every) {
    Map<String, long[]> fates = new TreeMap<>();
    for (String fate : List.of("ok", "local", "limited", "failed")) {
      fates.put(fate, new long[2]);
    }
    CountDownLatch known = new CountDownLatch(calls);
    long begin = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long at = begin + i * every;
      while (System.nanoTime() - at < 0) {
        LockSupport.parkNanos(at - System.nanoTime());
      }
      long called = System.nanoTime();
      caller
          .call(run)
          .thenAccept(
              fate -> {
                long millis = (System.nanoTime() - called) / 1_000_000;
                synchronized (fates) {
                  long[] sums = fates.get(fate);
                  sums[0]++;
                  sums[1] = Math.max(sums[1], millis);
                }
                known.countDown();
              });
    }
    try {
      known.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    StringBuilder text = new StringBuilder();
    synchronized (fates) {
      fates.forEach(
          (fate, sums) ->
              text.append(fate + "=" + sums[0] + " " + fate + "-millis=" + sums[1] + " "));
    }
    Say.run(run).with("ok", true).with("text", text.toString()).line();
  }

  private static String fate(int status, boolean ours) {
    return status == 200 ? "ok" : status == 429 ? (ours ? "local" : "limited") : "failed";
  }

  /** Never the same: a repeated one would be taken for the continuation of a call given up. */
  private static String body(String model) {
    return JdkApp.chatBody(model, false).replace("?", " " + NUMBER.incrementAndGet() + "?");
  }

  private static Caller jdk(Duration deadline) {
    return model ->
        JDK.sendAsync(
                HttpRequest.newBuilder(URI.create(Runs.url() + "/v1/chat/completions"))
                    .header("Authorization", "Bearer sk-it")
                    .header("Content-Type", "application/json")
                    .timeout(deadline)
                    .POST(HttpRequest.BodyPublishers.ofString(body(model)))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .handle(
                (answer, thrown) ->
                    thrown != null
                        ? failed(thrown)
                        : fate(
                            answer.statusCode(),
                            answer.headers().firstValue("x-paceline-answered").isPresent()));
  }

  private static Caller okHttp(Duration deadline) {
    OkHttpClient client =
        OkHttpApp.client(List.of(Protocol.HTTP_1_1)).newBuilder().callTimeout(deadline).build();
    return model -> {
      CompletableFuture<String> fate = new CompletableFuture<>();
      client
          .newCall(
              new Request.Builder()
                  .url(Runs.url() + "/v1/chat/completions")
                  .header("Authorization", "Bearer sk-it")
                  .post(RequestBody.create(JSON, body(model)))
                  .build())
          .enqueue(
              new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                  fate.complete(failed(e));
                }

                @Override
                public void onResponse(Call call, Response response) throws IOException {
                  try (response) {
                    response.body().string();
                    fate.complete(
                        fate(response.code(), response.header("x-paceline-answered") != null));
                  } catch (IOException e) {
                    fate.complete(failed(e));
                  }
                }
              });
      return fate;
    };
  }

  private static String failed(Throwable thrown) {
    Say.run("failure").with("ok", false).failure(thrown).line();
    return "failed";
  }
}
