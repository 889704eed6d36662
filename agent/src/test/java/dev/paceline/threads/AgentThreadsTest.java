package dev.paceline.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AgentThreadsTest {
  /** What the thread does. */
  public record Until(CountDownLatch end) implements Runnable {
    @Override
    public void run() {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aThreadDoesNotKeepTheLoaderOfWhoMadeIt() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    URL classes = AgentThreadsTest.class.getProtectionDomain().getCodeSource().getLocation();
    URLClassLoader application = new Application(classes);
    WeakReference<ClassLoader> alive = new WeakReference<>(application);
    @SuppressWarnings("unchecked")
    var maker =
        (Function<CountDownLatch, Thread>)
            application.loadClass(Maker.class.getName()).getDeclaredConstructor().newInstance();
    Thread thread = maker.apply(end);
    thread.start();
    application.close();
    application = null;
    maker = null;
    try {
      for (int i = 0; i < 50 && alive.get() != null; i++) {
        System.gc();
        byte[][] pressure = new byte[64][];
        for (int k = 0; k < pressure.length; k++) {
          pressure[k] = new byte[64 * 1024];
        }
      }
      assertThat(alive.get()).as("the application's loader").isNull();
      assertThat(thread.isAlive()).isTrue();
      assertThat(thread.getContextClassLoader()).isNull();
      assertThat(thread.isDaemon()).isTrue();
    } finally {
      end.countDown();
    }
  }

  /** Loaded by {@link Application}: its protection domain is on the stack that makes the thread. */
  public static final class Maker implements Function<CountDownLatch, Thread> {
    @Override
    public Thread apply(CountDownLatch end) {
      return AgentThreads.daemon("test", new Until(end));
    }
  }

  private static final class Application extends URLClassLoader {
    Application(URL classes) {
      super(new URL[] {classes}, AgentThreadsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.equals(Maker.class.getName())) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
