package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * A saturated model beside free ones: 65 asynchronous calls of it wait while calls of another model
 * on the same host, and on the host {@code it.other}, go on. Arguments: the client, how many calls
 * of each of the free ones are made at a time, and how many in all. Tells the latencies of the free
 * ones alone, beside calls that wait to be sent ({@code slow}), and beside calls that were refused
 * and wait to be sent again ({@code shut}).
 */
public final class NeighboursApp {
  private static final int WAITING = 65;
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** As it comes: 64 places, 5 a host. */
  private static final OkHttpClient OKHTTP = new OkHttpClient();

  private NeighboursApp() {}

  private interface Caller {
    CompletableFuture<Integer> call(String url, String model);
  }

  public static void main(String[] args) throws Exception {
    Caller caller = args[0].equals("jdk") ? NeighboursApp::jdk : NeighboursApp::okHttp;
    int threads = Integer.parseInt(args[1]);
    int calls = Integer.parseInt(args[2]);
    measure(caller, threads, 10 * threads); // warm
    tell("alone", measure(caller, threads, calls), 0, 0);
    for (String model : new String[] {"slow", "shut"}) {
      AtomicInteger ended = new AtomicInteger();
      if (model.equals("slow")) {
        caller.call(Runs.url(), model).get(); // it has a limit, and is at it
      }
      List<CompletableFuture<Integer>> waiting = new ArrayList<>();
      for (int i = 0; i < WAITING; i++) {
        CompletableFuture<Integer> call = caller.call(Runs.url(), model);
        call.whenComplete((status, thrown) -> ended.incrementAndGet());
        waiting.add(call);
      }
      Insides.await(() -> Insides.waiting() + ended.get() >= WAITING - 1);
      long[][] latencies = measure(caller, threads, calls);
      tell(model, latencies, ended.get(), Insides.waiting());
    }
    Runtime.getRuntime().halt(0); // exit would send those who wait
  }

  private static void tell(String run, long[][] latencies, int ended, int waiting) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      String where = i == 0 ? "host" : "other";
      Arrays.sort(latencies[i]);
      text.append(where + "-p50=" + percentile(latencies[i], 50) + " ");
      text.append(where + "-p99=" + percentile(latencies[i], 99) + " ");
    }
    Say.run(run)
        .with("ok", true)
        .with("text", text + "ended=" + ended + " waiting=" + waiting)
        .line();
  }

  private static long percentile(long[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  /** Latencies in microseconds, of the same host and of the other one. */
  private static long[][] measure(Caller caller, int threads, int calls) throws Exception {
    AtomicLongArray[] latencies = {new AtomicLongArray(calls), new AtomicLongArray(calls)};
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String url = i == 0 ? Runs.url() : System.getProperty("it.other");
      AtomicLongArray into = latencies[i];
      AtomicInteger next = new AtomicInteger();
      for (int j = 0; j < threads; j++) {
        all.add(new Thread(() -> work(caller, url, into, next)));
      }
    }
    all.forEach(Thread::start);
    for (Thread thread : all) {
      thread.join();
    }
    long[][] measured = new long[2][calls];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < calls; j++) {
        measured[i][j] = latencies[i].get(j);
      }
    }
    return measured;
  }

  private static void work(Caller caller, String url, AtomicLongArray into, AtomicInteger next) {
    for (int i = next.getAndIncrement(); i < into.length(); i = next.getAndIncrement()) {
      long begin = System.nanoTime();
      int status = caller.call(url, "free").join();
      into.set(i, (System.nanoTime() - begin) / 1_000);
      if (status != 200) {
        throw new IllegalStateException("free: " + status);
      }
    }
  }

  private static CompletableFuture<Integer> jdk(String url, String model) {
    return JDK.sendAsync(
            HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
                .header("Authorization", "Bearer sk-it")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JdkApp.chatBody(model, false)))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .thenApply(HttpResponse::statusCode);
  }

  private static CompletableFuture<Integer> okHttp(String url, String model) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    OKHTTP
        .newCall(OkHttpApp.chat(url, model, false))
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                status.completeExceptionally(e);
              }

              @Override
              public void onResponse(Call call, Response response) throws IOException {
                try (response) {
                  response.body().string();
                  status.complete(response.code());
                } catch (IOException e) {
                  status.completeExceptionally(e);
                }
              }
            });
    return status;
  }
}
