package dev.paceline.it.app;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Builds OkHttp clients in loaders that are thrown away, as an application server does with what it
 * undeploys. No call is made: OkHttp's own threads would keep the loader alive.
 */
public final class LeakApp {
  private LeakApp() {}

  public static void main(String[] args) throws Exception {
    ReferenceQueue<ClassLoader> gone = new ReferenceQueue<>();
    List<WeakReference<ClassLoader>> watched = new ArrayList<>();
    // The negative control: a client that is kept keeps its loader.
    Object kept = build(watched, gone);
    for (int i = 0; i < 3; i++) {
      build(watched, gone);
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int left = watched.size();
    while (left > 1 && System.nanoTime() < deadline) {
      System.gc();
      if (gone.remove(200) != null) {
        left--;
      }
    }
    // A last look for a loader that nothing should free.
    System.gc();
    left -= gone.remove(500) == null ? 0 : 1;
    Say.run("loaders").with("ok", true).with("text", left + " left").line();
    System.out.println(kept.getClass().getName());
    System.exit(0);
  }

  private static Object build(
      List<WeakReference<ClassLoader>> watched, ReferenceQueue<ClassLoader> gone) throws Exception {
    URLClassLoader loader = Lent.loader();
    watched.add(new WeakReference<>(loader, gone));
    Object client = loader.loadClass("okhttp3.OkHttpClient").getDeclaredConstructor().newInstance();
    loader.close();
    return client;
  }
}
