package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.Say;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes two calls with each client: one that waits for its retry, then one of the same scope that
 * waits to be sent at all. When all wait, says so, and goes on waiting. Has a shutdown hook of its
 * own, as servers do that let calls in flight end.
 */
public final class WaitingApp {
  private WaitingApp() {}

  public static void main(String[] clients) throws Exception {
    CountDownLatch ended = new CountDownLatch(2 * clients.length);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    System.out.println("all ended " + ended.await(20, TimeUnit.SECONDS));
                    System.out.flush();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    List<Thread> threads = new ArrayList<>();
    for (String kind : new String[] {"retry", "first"}) {
      for (String client : clients) {
        Thread thread = new Thread(() -> one(kind, client, ended), kind + "-" + client);
        threads.add(thread);
        thread.start();
      }
      int waiting = clients.length * (kind.equals("retry") ? 1 : 2);
      Insides.await(() -> Insides.waiting() == waiting);
    }
    System.out.println("all wait");
    for (Thread thread : threads) {
      thread.join();
    }
    System.exit(0);
  }

  private static void one(String kind, String client, CountDownLatch ended) {
    Say say = Say.run(kind + "." + client);
    try {
      say.with("ok", true).with("text", FourClients.call(client, "limited." + client));
    } catch (Throwable t) {
      say.with("ok", false).failure(t);
    }
    say.line();
    ended.countDown();
  }
}
