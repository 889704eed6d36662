package dev.paceline.it.app;

import java.util.concurrent.TimeUnit;

/**
 * A call that may wait, and a shutdown hook that gives it ten seconds to end, as servers with a
 * graceful shutdown do.
 */
public final class ShutdownApp {
  private ShutdownApp() {}

  public static void main(String[] args) throws Exception {
    Thread caller =
        new Thread(
            () -> {
              long begin = System.nanoTime();
              Say say = Say.run(args[0]);
              try {
                say.with("ok", true).with("text", JdkApp.syncOverHttp(args[0]));
              } catch (Throwable t) {
                say.with("ok", false).failure(t);
              }
              say.with("millis", (System.nanoTime() - begin) / 1_000_000).line();
            });
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    caller.join(TimeUnit.SECONDS.toMillis(10));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    caller.start();
    caller.join();
  }
}
