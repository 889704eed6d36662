package dev.paceline.it.app;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Many virtual threads make a blocking call each, of one scope. Arguments: threads, model. Needs
 * Java 21.
 */
public final class CrowdApp {
  private CrowdApp() {}

  public static void main(String[] args) throws Exception {
    // By name: this is compiled for Java 17.
    ExecutorService threads =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    Map<String, Integer> answers = new TreeMap<>();
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      threads.submit(
          () -> {
            String got;
            try {
              got = JdkApp.syncOverHttp(args[1]);
            } catch (Exception e) {
              got = e.toString();
            }
            synchronized (answers) {
              answers.merge(got, 1, Integer::sum);
            }
          });
    }
    threads.shutdown();
    boolean all = threads.awaitTermination(80, TimeUnit.SECONDS);
    synchronized (answers) {
      Say.run("crowd").with("ok", all).with("text", answers).line();
    }
    System.exit(0);
  }
}
