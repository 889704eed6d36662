package dev.paceline.it.app;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that make one call after the other, without a pause, until a line comes on stdin. Each
 * argument is {@code URL|model|threads}; {@code *} in a model stands for a number of the call's
 * own. A line {@code slice N} does not end it: when further N calls have ended, their median is
 * told in microseconds.
 */
public final class SteadyApp {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Between a call that failed and the next: {@code it.pause} milliseconds. */
  private static final long PAUSE_NANOS = Integer.getInteger("it.pause", 0) * 1_000_000L;

  private static final AtomicLong NUMBER = new AtomicLong();
  private static volatile Slice slice = new Slice(0);

  private SteadyApp() {}

  /** Arguments: the loads. */
  public static void main(String[] loads) throws Exception {
    for (String load : loads) {
      String[] parts = load.split("\\|");
      for (int i = 0; i < Integer.parseInt(parts[2]); i++) {
        Thread thread = new Thread(() -> work(parts[0], parts[1]));
        thread.setDaemon(true);
        thread.start();
      }
    }
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      int number = 0;
      for (String line = in.readLine();
          line != null && line.startsWith("slice ");
          line = in.readLine()) {
        Slice next = new Slice(Integer.parseInt(line.substring("slice ".length())));
        slice = next;
        Say.run("slice-" + ++number).with("ok", true).with("median", next.median()).line();
      }
    }
    System.exit(0);
  }

  private static void work(String url, String model) {
    while (true) {
      Slice mine = slice;
      long begin = System.nanoTime();
      try {
        JdkApp.sync(CLIENT, url, model.replace("*", "" + NUMBER.incrementAndGet()));
      } catch (Exception refused) {
        // Calls that fail are calls too.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      mine.ended(System.nanoTime() - begin);
    }
  }

  /** So many calls that began after it did. */
  private static final class Slice {
    private final long[] micros;
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch left;

    Slice(int size) {
      micros = new long[size];
      left = new CountDownLatch(size);
    }

    void ended(long nanos) {
      int at = calls.getAndIncrement();
      if (at < micros.length) {
        micros[at] = nanos / 1_000;
        left.countDown();
      }
    }

    long median() throws InterruptedException {
      left.await();
      List<Long> sorted = new ArrayList<>();
      Arrays.stream(micros).sorted().forEach(sorted::add);
      return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }
  }
}
