package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Calls that wait take nobody else's threads (issue A6, A4, A8 (23), C (1, 4)). */
// client: jdk
// jvm: -Djava.util.concurrent.ForkJoinPool.common.parallelism=3
public final class JdkThreads {
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            int turn = provider().turn(got);
            String key = got.key();
            if (key.startsWith("quota")) {
              reply.json(429, Provider.QUOTA);
            } else if (key.startsWith("kept") && turn == 2) {
              reply.close();
            } else if (key.startsWith("always")
                || turn == 1 && (key.startsWith("limited") || key.startsWith("kept"))) {
              reply.json(429, Provider.LIMITED, "retry-after-ms", "300");
            } else if (key.startsWith("bad")) {
              reply.json(
                  400, "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}");
            } else if (key.startsWith("held") && turn == 1) {
              reply.json(200, Provider.OK, Provider.nothingLeftFor("4s"));
            } else if (key.startsWith("soon") && turn == 1) {
              reply.json(200, Provider.OK, Provider.nothingLeftFor("1s"));
            } else {
              reply.json(200, Provider.OK, Provider.plenty());
            }
          });

  private JdkThreads() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    JdkThreads all = new JdkThreads();
    // So that answers that are kept, or given up, are delivered soon.
    System.setProperty("paceline.max-attempts", "2");
    Cases cases = new Cases(names);
    cases.add("parallelStream", all::parallelStream);
    cases.add("common pool's own calls", all::commonPool);
    for (String answer : new String[] {"quota", "limited", "kept", "always", "bad", "fine"}) {
      cases.add("one thread, a dependent that calls: " + answer, () -> all.oneThread(answer));
      cases.add("executor that runs in the caller: " + answer, () -> all.direct(answer));
    }
    cases.add("slow work on a full pool that runs in the caller", () -> all.slowContinuation(true));
    cases.add(
        "slow work on an executor that runs in the caller", () -> all.slowContinuation(false));
    cases.add("a pipe that the common pool fills", all::pipe);
    cases.add("slow uploads", all::slowUploads);
    cases.add("cancelled dependents", all::cancelledDependents);
    cases.add("where mapping functions run", all::mapping);
    for (String answer : new String[] {"fine", "bad", "limited", "quota", "upload"}) {
      cases.add(
          "an executor that blocks when it is full: " + answer, () -> all.blockingExecutor(answer));
    }
    cases.end();
  }

  private static String status(HttpClient client, java.net.http.HttpRequest request)
      throws Exception {
    return "" + client.send(request, BodyHandlers.ofString()).statusCode();
  }

  private String parallelStream() throws Exception {
    HttpClient client = Jdk.client();
    status(client, Jdk.chat(provider, "held parallel", "first"));
    int before = provider.arrived();
    CompletableFuture<String> all =
        CompletableFuture.supplyAsync(
            () ->
                IntStream.range(0, 6)
                    .parallel()
                    .mapToObj(
                        i -> {
                          try {
                            return status(client, Jdk.chat(provider, "held parallel", "call " + i));
                          } catch (Exception e) {
                            return Cases.told(e);
                          }
                        })
                    .toList()
                    .toString(),
            task -> new Thread(task).start());
    Cases.reached(3_000, () -> provider.arrived() > before || Insides.waiting() > 0);
    return others(client) + ", " + all.get(18, TimeUnit.SECONDS);
  }

  /** The application's own tasks, and another key's error, while calls are held. */
  private String others(HttpClient client) throws Exception {
    long begin = System.nanoTime();
    CompletableFuture.runAsync(() -> {}).get(15, TimeUnit.SECONDS);
    String ran = System.nanoTime() - begin < 3_000_000_000L ? "task in time" : "task LATE";
    begin = System.nanoTime();
    String bad = status(client, Jdk.chat(provider, "bad other", "no"));
    return ran
        + ", another key "
        + bad
        + (System.nanoTime() - begin < 3_000_000_000L ? " in time" : " LATE");
  }

  private String commonPool() throws Exception {
    HttpClient client = Jdk.client();
    status(client, Jdk.chat(provider, "held common", "first"));
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int number = i;
      ends.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return status(client, Jdk.chat(provider, "held common", "call " + number));
                } catch (Exception e) {
                  return Cases.told(e);
                }
              }));
    }
    Cases.reached(3_000, () -> provider.arrived() > before || Insides.waiting() > 0);
    StringBuilder all = new StringBuilder(others(client));
    for (CompletableFuture<String> end : ends) {
      all.append(' ').append(end.get(18, TimeUnit.SECONDS));
    }
    return all.toString();
  }

  /** What hangs on the answer calls another model with the same client, and waits for it. */
  private String oneThread(String answer) throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    return withFallback(one, answer + " one");
  }

  private String direct(String answer) throws Exception {
    return withFallback(Runnable::run, answer + " direct");
  }

  private String withFallback(Executor executor, String key) throws Exception {
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor).build();
    boolean direct = key.endsWith("direct");
    HttpClient second = direct ? Jdk.client() : client;
    return client
        .sendAsync(Jdk.chat(provider, key, "first"), BodyHandlers.ofString())
        .thenApply(
            first -> {
              try {
                return "fallback " + status(second, Jdk.chat(provider, "fine fallback", key));
              } catch (Exception e) {
                return Cases.told(e);
              }
            })
        .get(10, TimeUnit.SECONDS);
  }

  /** Another key's call must not wait behind what the application does with an answer. */
  private String slowContinuation(boolean full) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Executor executor;
    if (full) {
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              1,
              1,
              1,
              TimeUnit.SECONDS,
              new ArrayBlockingQueue<>(1),
              new ThreadPoolExecutor.CallerRunsPolicy());
      executor = pool;
    } else {
      executor = Runnable::run;
    }
    HttpClient slow =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor).build();
    HttpClient other = Jdk.client();
    List<CompletableFuture<?>> ends = new ArrayList<>();
    // One worker of the common pool is left, where the JDK runs what hangs on an answer.
    for (int i = 0; i < 2; i++) {
      ends.add(
          slow.sendAsync(
                  Jdk.chat(provider, "always slow " + full + i, "work"), BodyHandlers.ofString())
              .thenRun(
                  () -> {
                    try {
                      release.await(8, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    LockSupport.parkNanos(600_000_000); // until their answers are due
    status(other, Jdk.chat(provider, "soon " + full, "first"));
    long begin = System.nanoTime();
    String end =
        other
                .sendAsync(Jdk.chat(provider, "soon " + full, "second"), BodyHandlers.ofString())
                .get(15, TimeUnit.SECONDS)
                .statusCode()
            + (System.nanoTime() - begin < 5_000_000_000L ? " in time" : " LATE");
    release.countDown();
    return end;
  }

  /** The source of the upload is filled by a task of the common pool. */
  private String pipe() throws Exception {
    HttpClient client = Jdk.client();
    List<CompletableFuture<HttpResponse<String>>> ends = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      PipedOutputStream out = new PipedOutputStream();
      PipedInputStream in = new PipedInputStream(out, 64);
      byte[] bytes = Provider.chat("pipe " + i + " " + "x".repeat(500)).getBytes();
      ends.add(
          client.sendAsync(
              Jdk.request(provider.chatUrl(), "fine pipe", BodyPublishers.ofInputStream(() -> in))
                  .build(),
              BodyHandlers.ofString()));
      CompletableFuture.runAsync(
          () -> {
            try (out) {
              out.write(bytes);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
    }
    StringBuilder all = new StringBuilder();
    for (CompletableFuture<HttpResponse<String>> end : ends) {
      all.append(end.get(12, TimeUnit.SECONDS).statusCode()).append(' ');
    }
    return all.toString();
  }

  /** Uploads whose sources have nothing yet, and the application's own task. */
  private String slowUploads() throws Exception {
    HttpClient client = Jdk.client();
    List<PipedOutputStream> sources = new ArrayList<>();
    List<CompletableFuture<HttpResponse<String>>> ends = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      PipedOutputStream out = new PipedOutputStream();
      PipedInputStream in = new PipedInputStream(out);
      sources.add(out);
      ends.add(
          client.sendAsync(
              Jdk.request(provider.chatUrl(), "fine slow", BodyPublishers.ofInputStream(() -> in))
                  .build(),
              BodyHandlers.ofString()));
    }
    long begin = System.nanoTime();
    CompletableFuture.runAsync(() -> {}).get(10, TimeUnit.SECONDS);
    boolean task = System.nanoTime() - begin < 3_000_000_000L;
    for (PipedOutputStream out : sources) {
      out.write(Provider.chat("slow").getBytes());
      out.close();
    }
    StringBuilder all = new StringBuilder("task in time " + task);
    for (CompletableFuture<HttpResponse<String>> end : ends) {
      all.append(' ').append(end.get(12, TimeUnit.SECONDS).statusCode());
    }
    return all.toString();
  }

  /** How often the action of a cancelled dependent runs is a race in the JDK, too. */
  private String cancelledDependents() throws Exception {
    HttpClient client = Jdk.client();
    AtomicInteger released = new AtomicInteger();
    status(client, Jdk.chat(provider, "held dependents", "first"));
    for (int i = 0; i < 20; i++) {
      CompletableFuture<?> dependent =
          client
              .sendAsync(
                  Jdk.chat(provider, "held dependents", "call " + i), BodyHandlers.ofString())
              .whenComplete((response, failure) -> released.incrementAndGet());
      dependent.cancel(true);
    }
    Cases.reached(1_000, () -> released.get() == 20);
    Cases.say("# actions of cancelled dependents that ran: " + released + " of 20");
    return "some ran " + (released.get() > 0);
  }

  /** The thread and its context loader, for what the application maps an answer with. */
  private String mapping() throws Exception {
    StringBuilder all = new StringBuilder();
    Thread.currentThread().setContextClassLoader(JdkThreads.class.getClassLoader());
    for (String answer : new String[] {"fine", "bad", "quota"}) {
      HttpClient client = Jdk.client();
      String[] where = new String[2];
      client
          .sendAsync(
              Jdk.chat(provider, answer + " mapping", "m"),
              info ->
                  BodySubscribers.mapping(
                      BodySubscribers.ofString(StandardCharsets.UTF_8),
                      text -> {
                        where[0] = here();
                        return text;
                      }))
          .whenComplete((response, failure) -> where[1] = "")
          .get(10, TimeUnit.SECONDS);
      all.append(answer).append(": ").append(where[0]).append("; ");
    }
    return all.toString();
  }

  /** The client's own threads hand over to it; when all of them wait for room, none makes it. */
  private String blockingExecutor(String answer) throws Exception {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            2,
            2,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            (task, full) -> {
              try {
                full.getQueue().put(task);
              } catch (InterruptedException e) {
                throw new RejectedExecutionException(e);
              }
            });
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(pool).build();
    List<CompletableFuture<HttpResponse<String>>> ends = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String key = answer + " blocking";
      byte[] chat = Provider.chat("call " + i).getBytes(StandardCharsets.UTF_8);
      ends.add(
          client.sendAsync(
              answer.equals("upload")
                  ? Jdk.request(
                          provider.chatUrl(),
                          key,
                          BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(chat)))
                      .build()
                  : Jdk.chat(provider, key, "call " + i),
              BodyHandlers.ofString()));
    }
    int answered = 0;
    for (CompletableFuture<HttpResponse<String>> end : ends) {
      answered += end.get(25, TimeUnit.SECONDS).body().isEmpty() ? 0 : 1;
    }
    pool.shutdownNow();
    return answered + " answered";
  }

  private static String here() {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return "loader of the "
        + (loader == null ? "boot" : loader == JdkThreads.class.getClassLoader() ? "app" : "other");
  }
}
