package dev.paceline.democlient;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application as one finds it: threads that send chat completions and repeat a failed one twice,
 * after half a second and a second, as the official SDKs do by default. One class file, so that it
 * can be copied out of the agent's jar and run without it.
 *
 * <p>Prints one JSON line every 250 ms ({@code ok}, {@code failed}, {@code seconds}) and a last one
 * with {@code "done":true}.
 */
public final class DemoClient {
  private static final int ATTEMPTS = 3;
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 8_000;
  private static final int REPORT_MILLIS = 250;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest request;
  private final AtomicInteger left;
  private final AtomicInteger ok = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final CountDownLatch finished;
  private final long started = System.nanoTime();

  private DemoClient(String baseUrl, int calls, int threads) {
    String body =
        "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Is all well?\"}],\"max_tokens\":16}";
    this.request =
        HttpRequest.newBuilder(URI.create(baseUrl + "/v1/chat/completions"))
            .header("Authorization", "Bearer sk-demo")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    this.left = new AtomicInteger(calls);
    this.finished = new CountDownLatch(threads);
  }

  /**
   * Runs all calls and ends.
   *
   * @param args base URL, number of calls, number of threads
   */
  public static void main(String[] args) throws InterruptedException {
    int threads = Integer.parseInt(args[2]);
    DemoClient demo = new DemoClient(args[0], Integer.parseInt(args[1]), threads);
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(demo::work, "worker-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    while (!demo.finished.await(REPORT_MILLIS, TimeUnit.MILLISECONDS)) {
      demo.report(false);
    }
    demo.report(true);
  }

  private void work() {
    try {
      while (left.getAndDecrement() > 0) {
        (call() ? ok : failed).incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      finished.countDown();
    }
  }

  private boolean call() throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      if (succeeds()) {
        return true;
      }
      if (attempt == ATTEMPTS) {
        return false;
      }
      long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << (attempt - 1));
      long jittered = pause - ThreadLocalRandom.current().nextLong(pause / 4);
      // Ends early only when nobody works any more, which cannot be while this thread does.
      if (finished.await(jittered, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
  }

  private boolean succeeds() throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private void report(boolean done) {
    double seconds = (System.nanoTime() - started) / 1e9;
    System.out.println(
        String.format(
            Locale.ROOT,
            "{\"done\":%b,\"ok\":%d,\"failed\":%d,\"seconds\":%.2f}",
            done,
            ok.get(),
            failed.get(),
            seconds));
    System.out.flush();
  }
}
