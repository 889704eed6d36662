package dev.paceline.it.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What holds at the end of a JVM in which all calls are over, whatever was done to them: nobody
 * waits, and every place that was taken was given back. Written to the file that the property
 * {@code it.rest} names, for the test that forked this JVM.
 */
public final class Rest {
  /** The end of an answer's body may come to the agent a little after it came to the caller. */
  private static final long PATIENCE_NANOS = 3_000_000_000L;

  private static final AtomicBoolean WATCHED = new AtomicBoolean();

  private Rest() {}

  /** From now on the end of this JVM is looked at. */
  public static void watch() {
    String file = System.getProperty("it.rest", "");
    if (!file.isEmpty() && WATCHED.compareAndSet(false, true)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> write(Path.of(file)), "it-rest"));
    }
  }

  /** The figures once they are 0, or after three seconds. */
  public static String figures() {
    long begin = System.nanoTime();
    int waiting = Insides.waiting();
    int inFlight = Insides.inFlight();
    while ((waiting != 0 || inFlight != 0) && System.nanoTime() - begin < PATIENCE_NANOS) {
      LockSupport.parkNanos(5_000_000);
      waiting = Insides.waiting();
      inFlight = Insides.inFlight();
    }
    return "waiting " + waiting + ", in flight " + inFlight;
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, figures());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
