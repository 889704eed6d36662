package dev.paceline.it.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

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

  private Runs() {}

  /** The upstream over plain HTTP, without a slash at the end. */
  public static String url() {
    return System.getProperty("it.url", "");
  }

  /** The upstream over TLS, without a slash at the end. */
  public static String tlsUrl() {
    return System.getProperty("it.tls", "");
  }

  /**
   * Makes all runs and leaves the JVM: clients' idle threads would keep it alive for a minute. With
   * {@code it.hold} it waits for a line on stdin before. With {@code it.commands} each line on
   * stdin is a further run, made alone, and {@code exit} the end.
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
                  one(run, mode);
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
    for (String run = in.readLine(); run != null && !run.equals("exit"); run = in.readLine()) {
      Mode mode = modes.get(run.substring(run.lastIndexOf('.') + 1));
      if (mode == null) {
        throw new IllegalArgumentException(run + ": the modes are " + modes.keySet());
      }
      one(run, mode);
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
