package dev.paceline.it.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Many threads make the same call at the same moment. */
public final class Herd {
  private Herd() {}

  public static void main(String[] args) throws Exception {
    main(args, JdkApp::syncOverHttp);
  }

  /** Arguments: the name of the run and how many threads there are. */
  public static void main(String[] args, Runs.Mode mode) throws InterruptedException {
    int threads = Integer.parseInt(args[1]);
    CountDownLatch ready = new CountDownLatch(threads);
    CountDownLatch done = new CountDownLatch(threads);
    AtomicInteger ok = new AtomicInteger();
    List<Thread> herd = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      herd.add(
          new Thread(
              () -> {
                try {
                  ready.countDown();
                  ready.await();
                  mode.call(args[0]);
                  ok.incrementAndGet();
                } catch (Throwable t) {
                  Say.run("failure").with("ok", false).failure(t).line();
                } finally {
                  done.countDown();
                }
              }));
    }
    herd.forEach(Thread::start);
    done.await();
    Say.run(args[0]).with("ok", ok.get() == threads).with("text", ok.get()).line();
    System.exit(0);
  }
}
