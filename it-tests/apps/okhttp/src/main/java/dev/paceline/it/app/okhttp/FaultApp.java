package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.Say;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes one call after another, each under a fault: {@code
 * scenario.client~component~exception~pass}. In the scenario {@code closed} another call of the
 * same scope is waiting already when the call begins.
 */
public final class FaultApp {
  private FaultApp() {}

  public static void main(String[] runs) throws Exception {
    FourClients.call("jdk-sync", "warm-up.x");
    FourClients.call("okhttp-async", "warm-up.x");
    for (String run : runs) {
      String[] words = run.substring(run.indexOf('.') + 1).split("~");
      Say say = Say.run(run);
      long begin = System.nanoTime();
      boolean goOn = one(run, words, say);
      System.clearProperty("paceline.test.fault");
      say.with("millis", (System.nanoTime() - begin) / 1_000_000)
          .with("fired", counter("paceline.test.fault.fired").getAndSet(0))
          .line();
      counter("paceline.test.fault.passed").set(0);
      Insides.forgetFaults();
      if (!goOn) {
        break;
      }
    }
    System.exit(0);
  }

  /** False when the call hangs: what follows would only be disturbed by it. */
  private static boolean one(String run, String[] words, Say say) throws Exception {
    FutureTask<String> other = new FutureTask<>(() -> FourClients.call("okhttp-sync", run));
    boolean closed = run.startsWith("closed.");
    if (closed) {
      new Thread(other, "other").start();
      Insides.await(Insides::holding);
    }
    System.setProperty("paceline.test.fault", words[1] + ":" + words[2] + ":" + words[3]);
    FutureTask<String> call = new FutureTask<>(() -> FourClients.call(words[0], run));
    Thread thread = new Thread(call, "call");
    thread.start();
    boolean goOn = got(call, say, "");
    if (closed && goOn) {
      goOn = got(other, say, "other-");
    }
    return goOn;
  }

  private static boolean got(FutureTask<String> call, Say say, String prefix)
      throws InterruptedException {
    try {
      say.with(prefix + "text", call.get(15, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      say.with(prefix + "error", e.getCause());
    } catch (TimeoutException hangs) {
      StringBuilder stacks = new StringBuilder("HANGS");
      Thread.getAllStackTraces()
          .forEach(
              (thread, stack) -> {
                if (thread.getName().matches("call|other|paceline-.*|OkHttp.*|HttpClient.*")) {
                  stacks.append('\n').append(thread.getName());
                  for (StackTraceElement element : stack) {
                    stacks.append("\n  ").append(element);
                  }
                }
              });
      say.with(prefix + "error", stacks);
      return false;
    }
    return true;
  }

  private static AtomicInteger counter(String name) {
    return (AtomicInteger)
        System.getProperties().computeIfAbsent(name, absent -> new AtomicInteger());
  }
}
