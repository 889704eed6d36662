package dev.paceline.it.program;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many keys, many models, many threads, many refusals with large heads, in a small JVM (issue C).
 * The property {@code it.crowd} multiplies.
 */
// client: jdk
// jvm: -Xmx128m
public final class Crowd {
  private static final int TIMES = Integer.getInteger("it.crowd", 1);

  private final Provider provider =
      new Provider(
          (got, reply) -> {
            if (got.key().startsWith("quota")) {
              String[] headers = new String[80];
              for (int i = 0; i < 40; i++) {
                headers[i * 2] = "X-Filler-" + i;
                headers[i * 2 + 1] = "f".repeat(6_000);
              }
              reply.json(429, Provider.QUOTA, headers);
            } else {
              reply.json(200, Provider.OK, Provider.plenty());
            }
          });
  private final HttpClient client = Jdk.client();

  private Crowd() throws IOException {}

  public static void main(String[] names) throws IOException {
    Crowd all = new Crowd();
    Cases cases = new Cases(names);
    cases.add("keys and models", all::keysAndModels);
    cases.add("used-up plans with large heads", all::quotas);
    cases.add("virtual threads", all::virtualThreads);
    cases.end();
  }

  private HttpRequest request(String key, String model, String question) {
    return Jdk.request(
            provider.chatUrl(),
            key,
            BodyPublishers.ofString(Provider.chat(question).replace("gpt-4o", model)))
        .build();
  }

  private int status(HttpRequest request) throws Exception {
    int status = client.send(request, BodyHandlers.ofString()).statusCode();
    provider.got.clear(); // what the server remembers must not be what fills the heap
    return status;
  }

  private String keysAndModels() throws Exception {
    int served = 0;
    int calls = 2_000 * TIMES;
    for (int i = 0; i < calls; i++) {
      served += status(request("sk-crowd-" + i, "model-" + i, "q")) == 200 ? 1 : 0;
    }
    return served + " served";
  }

  /** Each another prompt: what is remembered of them must not fill the heap. */
  private String quotas() throws Exception {
    int refused = 0;
    int calls = 600 * TIMES;
    for (int i = 0; i < calls; i++) {
      refused += status(request("quota-" + i % 5, "gpt-4o", "question " + i)) == 429 ? 1 : 0;
    }
    System.gc();
    long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    Cases.say("# heap after refusals: " + used / 1024 + " kB");
    return refused + " refused, heap below 90 MB " + (used < 90L << 20);
  }

  private String virtualThreads() throws Exception {
    ExecutorService threads;
    try {
      threads =
          (ExecutorService)
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (NoSuchMethodException before21) {
      threads = Executors.newFixedThreadPool(200);
    }
    int calls = 5_000 * TIMES;
    // Connections: what the server and the file descriptors can bear.
    Semaphore connections = new Semaphore(200);
    CountDownLatch done = new CountDownLatch(calls);
    AtomicInteger served = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    for (int i = 0; i < calls; i++) {
      int number = i;
      threads.execute(
          () -> {
            try {
              connections.acquire();
              try {
                int status = status(request("sk-virtual-" + number % 50, "gpt-4o", "q" + number));
                (status == 200 ? served : failed).incrementAndGet();
              } finally {
                connections.release();
              }
            } catch (Exception e) {
              failed.incrementAndGet();
            } finally {
              done.countDown();
            }
          });
    }
    boolean all = done.await(300L * TIMES, TimeUnit.SECONDS);
    return served + " served, " + failed + " failed, all " + all;
  }
}
