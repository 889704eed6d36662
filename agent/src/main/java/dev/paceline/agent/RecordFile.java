package dev.paceline.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.paceline.call.FaultPoint;
import dev.paceline.record.CallRecord;
import dev.paceline.record.RecordFormat;
import dev.paceline.threads.AgentThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file behind {@code paceline.record.file}: written by one thread, which begins with the first
 * call that ended. Calls only put a record into a bounded queue; what does not fit is counted. Once
 * writing fails, one line says why and nothing is recorded any more.
 */
final class RecordFile implements Consumer<CallRecord> {
  /** Some 2 MB; at 1,000 calls a second what a disk may hang for 8 s. */
  static final int MOST_QUEUED = 8_192;

  private static final int BATCH = 512;
  private static final long LAST_MILLIS = 1_000;
  private static final long LOOK_SECONDS = 1;

  private final Path path;
  private final Path self;
  private final long maxBytes;
  private final int keep;
  private final Consumer<String> warn;
  private final Consumer<Throwable> faults;
  private final ArrayBlockingQueue<CallRecord> queue = new ArrayBlockingQueue<>(MOST_QUEUED);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean off;
  private volatile boolean ending;
  private final Executor background;
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean toldOfDrops;

  /**
   * Touches no file yet.
   *
   * @param path {@code %p} in its name is this process's id
   * @param maxBytes of one file
   * @param keep full files that are kept beside it
   * @param faults are counted
   */
  RecordFile(
      String path, long maxBytes, int keep, Consumer<String> warn, Consumer<Throwable> faults) {
    this(
        Path.of(path.replace("%p", "" + ProcessHandle.current().pid())),
        Path.of("/proc/self"),
        maxBytes,
        keep,
        warn,
        faults,
        task -> AgentThreads.daemon("record", task).start());
  }

  RecordFile(
      Path path,
      Path self,
      long maxBytes,
      int keep,
      Consumer<String> warn,
      Consumer<Throwable> faults,
      Executor background) {
    this.path = path.toAbsolutePath();
    this.self = self;
    this.maxBytes = maxBytes;
    this.keep = keep;
    this.warn = warn;
    this.faults = faults;
    this.background = background;
  }

  @Override
  public void accept(CallRecord call) {
    if (off) {
      return;
    }
    if (!queue.offer(call)) {
      dropped.incrementAndGet();
    }
    if (!started.get() && started.compareAndSet(false, true)) {
      start();
    }
  }

  private void start() {
    try {
      background.execute(this::run);
    } catch (Throwable noThread) {
      stop("no thread can be made");
      faults.accept(noThread);
      ended.countDown();
    }
  }

  private void run() {
    try {
      FaultPoint.pass("record");
      write();
    } catch (IOException | RuntimeException e) {
      stop(StateFile.why(e));
    } catch (Throwable t) {
      stop(t.getClass().getName());
      faults.accept(t);
    } finally {
      ended.countDown();
    }
  }

  private void stop(String why) {
    off = true;
    queue.clear();
    warn.accept("paceline.record.file: nothing is recorded any more: " + why);
  }

  private void write() throws IOException {
    FileChannel channel = open();
    try {
      List<CallRecord> batch = new ArrayList<>(BATCH);
      StringBuilder lines = new StringBuilder();
      while (true) {
        CallRecord first = next();
        if (first == null) {
          return;
        }
        batch.add(first);
        queue.drainTo(batch, BATCH - 1);
        long missing = dropped.getAndSet(0);
        if (missing > 0) {
          RecordFormat.appendDropped(lines, missing);
          tellOfDrops();
        }
        for (CallRecord call : batch) {
          RecordFormat.append(lines, call);
        }
        batch.clear();
        if (channel.size() > 0 && channel.size() + lines.length() > maxBytes) {
          channel.close();
          rotate();
          channel = open();
        }
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(US_ASCII));
        lines.setLength(0);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } finally {
      channel.close();
    }
  }

  /** Null when the JVM ends and all is written. */
  private @Nullable CallRecord next() {
    while (true) {
      try {
        CallRecord call = queue.poll(ending ? 0 : LOOK_SECONDS, TimeUnit.SECONDS);
        if (call != null || ending) {
          return call;
        }
      } catch (InterruptedException nobodyOfUs) {
        // An application that interrupts all threads does not mean this one.
      }
    }
  }

  private void tellOfDrops() {
    if (!toldOfDrops) {
      toldOfDrops = true;
      warn.accept("paceline.record.file: the disk is slower than calls are made; some are missing");
    }
  }

  private FileChannel open() throws IOException {
    FileChannel channel = new PrivateFile(path, self, () -> 0).append();
    try {
      if (channel.tryLock() == null) {
        throw new IOException("another process writes it (%p in the name is the process's id)");
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void rotate() throws IOException {
    if (keep == 0) {
      Files.delete(path);
      return;
    }
    for (int i = keep - 1; i >= 1; i--) {
      if (Files.exists(numbered(i))) {
        Files.move(numbered(i), numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  /** The JVM ends: what is queued is written, for as long as a usual disk takes. */
  void finish() {
    ending = true;
    if (!started.get()) {
      return;
    }
    try {
      if (!ended.await(LAST_MILLIS, TimeUnit.MILLISECONDS)) {
        off = true; // the disk hangs
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // somebody is in a hurry
    }
  }
}
