package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code HttpRequest.timeout} bounds the whole call; cancels end it (issue A3, A2, A5 (18)). */
// client: jdk
public final class JdkTimes {
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            int turn = provider().turn(got);
            if (got.key().startsWith("silent")) {
              if (turn == 1) {
                reply.json(429, Provider.LIMITED, "retry-after", "1");
              } else {
                reply.after(15_000);
              }
            } else {
              reply.json(
                  200, Provider.OK, turn == 1 ? Provider.nothingLeftFor("6s") : Provider.plenty());
            }
          });

  private JdkTimes() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    JdkTimes all = new JdkTimes();
    Cases cases = new Cases(names);
    for (boolean async : new boolean[] {false, true}) {
      String way = async ? ", async" : ", sync";
      cases.add("a timeout over all attempts" + way, () -> all.overall(async));
      cases.add("a timeout while held" + way, () -> all.held(async));
    }
    cases.add("cancel while held", all::cancel);
    cases.add("interrupt while held", all::interrupt);
    cases.add("shutdownNow while held", all::shutdownNow);
    cases.end();
  }

  /** 429, then silence: the application hears in its own time. */
  private String overall(boolean async) throws Exception {
    return inTime("silent overall" + async, Duration.ofSeconds(4), async, 6_500);
  }

  private String held(boolean async) throws Exception {
    String key = "held timeout" + async;
    Jdk.client().send(Jdk.chat(provider, key, "first"), BodyHandlers.ofString());
    return inTime(key, Duration.ofMillis(1_500), async, 4_500);
  }

  private String inTime(String key, Duration timeout, boolean async, long mostMillis)
      throws Exception {
    HttpClient client = Jdk.client();
    var request =
        Jdk.request(provider.chatUrl(), key, BodyPublishers.ofString(Provider.chat("q")))
            .timeout(timeout)
            .build();
    long begin = System.nanoTime();
    try {
      if (async) {
        client.sendAsync(request, BodyHandlers.ofString()).get(18, TimeUnit.SECONDS);
      } else {
        client.send(request, BodyHandlers.ofString());
      }
    } catch (IOException | ExecutionException timedOut) {
      // in time is what is asked
    }
    return "in time " + ((System.nanoTime() - begin) / 1_000_000 < mostMillis);
  }

  private String cancel() throws Exception {
    HttpClient client = Jdk.client();
    client.send(Jdk.chat(provider, "held cancel", "first"), BodyHandlers.ofString());
    List<CompletableFuture<?>> futures = new ArrayList<>();
    int before = provider.arrived();
    for (int i = 0; i < 10; i++) {
      futures.add(
          client.sendAsync(Jdk.chat(provider, "held cancel", "q" + i), BodyHandlers.ofString()));
    }
    Cases.reached(3_000, () -> provider.arrived() - before + Insides.waiting() >= 10);
    int sent = provider.arrived();
    futures.forEach(future -> future.cancel(true));
    boolean ended = Cases.reached(1_000, () -> Insides.waiting() == 0);
    return "ended "
        + ended
        + ", none of them sent afterwards "
        + !Cases.reached(300, () -> provider.arrived() > sent);
  }

  private String interrupt() throws Exception {
    HttpClient client = Jdk.client();
    client.send(Jdk.chat(provider, "held interrupt", "first"), BodyHandlers.ofString());
    CompletableFuture<String> end = new CompletableFuture<>();
    int before = provider.arrived();
    Thread thread =
        new Thread(
            () -> {
              try {
                client.send(Jdk.chat(provider, "held interrupt", "q"), BodyHandlers.ofString());
                end.complete("served");
              } catch (Exception e) {
                end.complete(e.getClass().getSimpleName());
              }
            });
    thread.start();
    Cases.reached(3_000, () -> provider.arrived() > before || Insides.waiting() > 0);
    thread.interrupt();
    try {
      String told = end.get(2, TimeUnit.SECONDS);
      return "ended in time " + (told.equals("served") || told.equals("InterruptedException"));
    } catch (TimeoutException e) {
      return "LATE";
    }
  }

  /** From JDK 21 on. What was not sent is not sent any more. */
  private String shutdownNow() throws Exception {
    HttpClient client = Jdk.client();
    client.send(Jdk.chat(provider, "held now", "first"), BodyHandlers.ofString());
    int before = provider.arrived();
    List<CompletableFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      futures.add(
          client.sendAsync(Jdk.chat(provider, "held now", "q" + i), BodyHandlers.ofString()));
    }
    Cases.reached(3_000, () -> provider.arrived() - before + Insides.waiting() >= 10);
    int sent = provider.arrived();
    try {
      HttpClient.class.getMethod("shutdownNow").invoke(client);
    } catch (NoSuchMethodException before21) {
      futures.forEach(future -> future.cancel(true));
    }
    boolean all = Cases.reached(5_000, () -> futures.stream().allMatch(CompletableFuture::isDone));
    return "ended " + all + ", sent afterwards " + (provider.arrived() - sent);
  }
}
