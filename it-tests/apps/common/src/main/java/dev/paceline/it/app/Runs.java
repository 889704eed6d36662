package dev.paceline.it.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One fork, all modes of a cell. An argument {@code scenario.mode} is one run: it is sent as the
 * model's name, so that the server knows which script to play and the runs do not share a limit.
 * The runs are made at the same time.
 */
public final class Runs {
  /** One way of calling: sync, async, stream … */
  public interface Mode {
    /**
     * @param model the name of the run, to be sent as the model
     * @return the text that the application got
     */
    String call(String model) throws Exception;
  }

  /** Texts of different sizes, the same in every JVM. */
  private static final Random SIZES = new Random(1);

  private Runs() {}

  /**
   * What to ask. With {@code it.tokens=50-4000} a text of so many tokens, by English prose's four
   * bytes each, evenly spread on a logarithmic scale.
   */
  public static String question() {
    String range = System.getProperty("it.tokens", "");
    if (range.isEmpty()) {
      return System.getProperty("it.question", "How fast does light travel?");
    }
    double low = Math.log(Integer.parseInt(range.split("-")[0]));
    double high = Math.log(Integer.parseInt(range.split("-")[1]));
    int tokens = (int) Math.exp(low + SIZES.nextDouble() * (high - low));
    return "and ".repeat(tokens);
  }

  /** The upstream over plain HTTP, without a slash at the end. */
  public static String url() {
    return System.getProperty("it.url", "");
  }

  /** A rate-limited provider beside the upstream, without a slash at the end. */
  public static String simUrl() {
    return System.getProperty("it.sim", "");
  }

  /** The upstream over TLS, without a slash at the end. */
  public static String tlsUrl() {
    return System.getProperty("it.tls", "");
  }

  /**
   * Makes all runs and leaves the JVM: clients' idle threads would keep it alive for a minute. With
   * {@code it.hold} it waits for a line on stdin before. With {@code it.load=N} each run is N calls
   * at one moment, and the text is how many of them got their answer. With {@code it.commands} each
   * line on stdin is a further run, made alone, and {@code exit} the end; a run with a number, as
   * in {@code fine.sync 40}, is so many calls at one moment, or with {@code it.apart} so many
   * milliseconds one after the other.
   */
  public static void main(String[] runs, Map<String, Mode> modes) throws Exception {
    if (Boolean.getBoolean("it.commands")) {
      follow(modes);
    }
    CountDownLatch done = new CountDownLatch(runs.length);
    List<Thread> threads = new ArrayList<>();
    for (String run : runs) {
      Mode mode = modes.get(run.substring(run.lastIndexOf('.') + 1));
      if (mode == null) {
        throw new IllegalArgumentException(run + ": the modes are " + modes.keySet());
      }
      threads.add(
          thread(
              () -> {
                try {
                  if (Integer.getInteger("it.load", 0) > 0) {
                    load(run, run, mode, Integer.getInteger("it.load"));
                  } else {
                    one(run, mode);
                  }
                } finally {
                  done.countDown();
                }
              }));
    }
    threads.forEach(Thread::start);
    done.await();
    if (Boolean.getBoolean("it.hold")) {
      System.out.println("done");
      System.in.read();
    }
    System.exit(0);
  }

  private static void follow(Map<String, Mode> modes) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null && !line.equals("exit"); line = in.readLine()) {
      String run = line.split(" ")[0];
      Mode mode = modes.get(run.substring(run.lastIndexOf('.') + 1));
      if (mode == null) {
        throw new IllegalArgumentException(run + ": the modes are " + modes.keySet());
      }
      if (run.equals(line)) {
        one(run, mode);
      } else {
        load(line, run, mode, Integer.parseInt(line.split(" ")[1]));
      }
    }
    System.exit(0);
  }

  /** A virtual one when the property {@code it.virtual} asks for it (Java 21 and newer). */
  private static Thread thread(Runnable task) {
    if (!Boolean.getBoolean("it.virtual")) {
      return new Thread(task);
    }
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (Thread)
          Class.forName("java.lang.Thread$Builder")
              .getMethod("unstarted", Runnable.class)
              .invoke(builder, task);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void load(String name, String run, Mode mode, int calls) {
    CountDownLatch ready = new CountDownLatch(calls);
    CountDownLatch done = new CountDownLatch(calls);
    AtomicInteger ok = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      long later = i * Long.getLong("it.apart", 0);
      threads.add(
          thread(
              () -> {
                try {
                  ready.countDown();
                  ready.await();
                  Thread.sleep(later);
                  mode.call(run);
                  ok.incrementAndGet();
                } catch (Throwable t) {
                  Say.run("failure").with("ok", false).failure(t).line();
                } finally {
                  done.countDown();
                }
              }));
    }
    threads.forEach(Thread::start);
    try {
      ready.await();
      long begin = System.nanoTime();
      done.await();
      Say.run(name)
          .with("ok", ok.get() == calls)
          .with("text", ok.get())
          .with("millis", (System.nanoTime() - begin) / 1_000_000)
          .line();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void one(String run, Mode mode) {
    long begin = System.nanoTime();
    Say say = Say.run(run);
    try {
      String text = mode.call(run);
      say.with("ok", true).with("text", Boolean.getBoolean("it.quiet") ? "" : text);
    } catch (Throwable t) {
      say.with("ok", false).failure(t);
    }
    say.with("millis", (System.nanoTime() - begin) / 1_000_000).line();
  }
}
