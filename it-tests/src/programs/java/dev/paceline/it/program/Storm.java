package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Random calls with cancels, interrupts and failures while they are parked, wait, are sent, are
 * read: each ends once, soon after it was cancelled, and leaves nothing behind (issue A2, C2).
 *
 * <p>Arguments: client, number of calls, seed. The property {@code it.storm} overrides the number,
 * {@code it.minutes} goes on for so long.
 */
// run: jdk 4000 1
// run: okhttp 4000 2
public final class Storm {
  /** From a cancel to the call's end, on a busy machine with two cores. */
  private static final long LONGEST_MILLIS = 10_000;

  /**
   * Since 4.0 there is no such bound. OkHttp 3.14.9 tries one call of some 10,000 again and again
   * without end and at full speed (RouteException in RetryAndFollowUpInterceptor), without the
   * agent, too.
   */
  private static final int MOST_SECONDS_OF_3 = 30;

  private final AtomicInteger sent = new AtomicInteger();
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            switch (sent.incrementAndGet() % 13) {
              case 3 -> reply.close();
              case 5 -> reply.json(429, Provider.LIMITED, "retry-after-ms", "30");
              case 7 -> reply.json(500, Provider.BROKEN);
              case 9 -> {
                reply.chunked(200, "text/event-stream");
                reply.chunk("data: {}\n\n");
                reply.after(20);
                reply.chunk("data: [DONE]\n\n");
                reply.lastChunk();
              }
              default -> reply.json(200, Provider.OK);
            }
          });
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger twice = new AtomicInteger();
  private final AtomicLong longest = new AtomicLong();
  private final Semaphore places = new Semaphore(400);
  private final ConcurrentHashMap<String, AtomicInteger> ends = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private Storm() throws IOException {}

  public static void main(String[] args) throws Exception {
    // So that there is always somebody who waits.
    System.setProperty("paceline.rule.storm.model", "gpt-4o");
    System.setProperty("paceline.rule.storm.concurrency", "8");
    System.setProperty("paceline.rule.storm.max-wait", "5s");
    System.setProperty("paceline.rule.storm.max-attempts", "2");
    int calls = Integer.getInteger("it.storm", Integer.parseInt(args[1]));
    new Storm().run(args[0].equals("okhttp"), calls, Long.parseLong(args[2]));
  }

  /** One call: how it ends, and when it was cancelled. */
  private final class One {
    private final AtomicInteger ended = new AtomicInteger();
    private volatile long cancelled;

    void end(String how) {
      if (ended.incrementAndGet() > 1) {
        twice.incrementAndGet();
        return;
      }
      if (cancelled != 0) {
        longest.accumulateAndGet((System.nanoTime() - cancelled) / 1_000_000, Math::max);
      }
      ends.computeIfAbsent(how, h -> new AtomicInteger()).incrementAndGet();
      open.decrementAndGet();
      places.release();
    }

    void cancelAfter(long millis, Runnable cancel) {
      timer.schedule(
          () -> {
            if (ended.get() == 0) {
              cancelled = System.nanoTime();
              cancel.run();
            }
          },
          millis,
          TimeUnit.MILLISECONDS);
    }
  }

  private void run(boolean ok, int calls, long seed) throws Exception {
    Random random = new Random(seed);
    HttpClient jdk =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
    OkHttpClient client =
        new OkHttpClient.Builder()
            .dispatcher(new Dispatcher(threads))
            .callTimeout(present("okhttp3.OkHttp") ? 0 : MOST_SECONDS_OF_3, TimeUnit.SECONDS)
            .build();
    client.dispatcher().setMaxRequestsPerHost(40);
    OkHttpClient throwing =
        client
            .newBuilder()
            .addInterceptor(
                chain -> {
                  throw new IOException("the application's own");
                })
            .build();
    long begin = System.nanoTime();
    long until = begin + TimeUnit.MINUTES.toNanos(Integer.getInteger("it.minutes", 0));
    long next = begin + TimeUnit.MINUTES.toNanos(1);
    long heap = 0;
    int made = 0;
    for (int i = 0; i < calls || System.nanoTime() < until; i++) {
      made++;
      if (System.nanoTime() > next) {
        next += TimeUnit.MINUTES.toNanos(1);
        long used = used();
        // The first minutes fill what is bounded.
        heap = (next - begin) / 1e9 > 360 && heap == 0 ? used : heap;
        Cases.say(
            "# minute "
                + (System.nanoTime() - begin) / 60_000_000_000L
                + ": "
                + made
                + " calls, "
                + open
                + " open, heap "
                + used / 1024
                + " kB, threads "
                + Thread.activeCount());
      }
      places.acquire();
      open.incrementAndGet();
      One one = new One();
      long cancel = random.nextInt(3) == 0 ? random.nextInt(200) : -1;
      boolean sync = random.nextBoolean();
      String key = "sk-storm-" + random.nextInt(3);
      if (ok) {
        OkHttpClient used = random.nextInt(20) == 0 ? throwing : client;
        okHttp(used.newCall(Ok.chat(provider, key, "q" + i)), one, sync, cancel, random);
      } else {
        jdk(jdk, Jdk.chat(provider, key, "q" + i), one, sync, cancel);
      }
    }
    boolean all = Cases.reached(60_000, () -> open.get() == 0);
    Cases.say("# " + new java.util.TreeMap<>(ends) + ", sent " + sent);
    Cases.say("# longest from cancel to end: " + longest + " ms");
    Cases.say("= ended: " + (all ? "all" : made - open.get() + " of " + made));
    if (heap != 0) {
      Cases.say("= heap is flat: " + (used() - heap < 10 << 20));
    }
    Cases.say("= ended twice: " + twice);
    if (Cases.recognised()) {
      Cases.must("soon after a cancel", longest.get() <= LONGEST_MILLIS);
    }
    Cases.say("= at rest: " + dev.paceline.it.app.Rest.figures());
    if (ok) {
      boolean idle =
          Cases.reached(
              5_000,
              () ->
                  client.dispatcher().runningCallsCount() == 0
                      && client.dispatcher().queuedCallsCount() == 0
                      && client.connectionPool().connectionCount()
                          == client.connectionPool().idleConnectionCount());
      Cases.say("= dispatcher and connections idle: " + idle);
    }
    after(client, jdk, ok);
    System.exit(0);
  }

  private static boolean present(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Whether the places are there for others. */
  private void after(OkHttpClient client, HttpClient jdk, boolean ok) throws Exception {
    long begin = System.nanoTime();
    CountDownLatch done = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      String key = "sk-storm-" + i % 3;
      int number = i;
      threads.execute(
          () -> {
            try {
              if (ok) {
                Ok.sync(client, Ok.chat(provider, key, "after " + number));
              } else {
                jdk.send(Jdk.chat(provider, key, "after " + number), BodyHandlers.ofString());
              }
            } catch (IOException | InterruptedException e) {
              // the provider closes at times
            } finally {
              done.countDown();
            }
          });
    }
    boolean all = done.await(30, TimeUnit.SECONDS);
    Cases.say(
        "= later calls in time: "
            + (all && System.nanoTime() - begin < 8_000_000_000L)
            + (Insides.waiting() == 0 ? "" : ", somebody waits"));
  }

  private void okHttp(Call call, One one, boolean sync, long cancel, Random random) {
    if (sync) {
      Thread thread = new Thread(() -> ended(one, () -> read(call.execute())));
      thread.start();
      boolean interrupt = random.nextBoolean();
      if (cancel >= 0) {
        one.cancelAfter(cancel, interrupt ? thread::interrupt : call::cancel);
      }
      return;
    }
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            one.end(e.getClass().getSimpleName());
          }

          @Override
          public void onResponse(Call answered, Response response) {
            ended(one, () -> read(response));
          }
        });
    if (cancel >= 0) {
      one.cancelAfter(cancel, call::cancel);
    }
  }

  private static String read(Response response) throws IOException {
    try (response) {
      response.body().string();
      return "" + response.code();
    }
  }

  private interface Body {
    String run() throws Exception;
  }

  private static void ended(One one, Body body) {
    String end;
    try {
      end = body.run();
    } catch (Exception e) {
      end = e.getClass().getSimpleName();
    }
    one.end(end);
  }

  private void jdk(
      HttpClient jdk, java.net.http.HttpRequest request, One one, boolean sync, long cancel) {
    if (sync) {
      Thread thread =
          new Thread(
              () -> ended(one, () -> "" + jdk.send(request, BodyHandlers.ofString()).statusCode()));
      thread.start();
      if (cancel >= 0) {
        one.cancelAfter(cancel, thread::interrupt);
      }
      return;
    }
    CompletableFuture<?> future = jdk.sendAsync(request, BodyHandlers.ofString());
    Consumer<Throwable> end =
        failure -> one.end(failure == null ? "answered" : failure.getClass().getSimpleName());
    future.whenComplete((response, failure) -> end.accept(failure));
    if (cancel >= 0) {
      one.cancelAfter(cancel, () -> future.cancel(true));
    }
  }
}
