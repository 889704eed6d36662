package dev.paceline.okhttp.beside;

import dev.paceline.call.CallExecution;
import dev.paceline.call.FirstEvent;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The body of an error, or of a stream that is held back until its first event: read ahead so that
 * it can be judged, and handed on whole.
 *
 * <p>It is read by a thread of the agent's own, since a server can stall in the middle of it: a
 * deadline on the source itself would close the connection, and the application would lose a rest
 * that came a little later. When the time is up the reader finishes the one read that it is in; the
 * application's reads take what it got, then go on at the source.
 *
 * <p>So the application hears of an error at most {@link CallExecution#MOST_BODY_NANOS}, one
 * second, later than without the agent, and only when the body neither ends nor reaches {@link
 * CallExecution#MOST_BODY} bytes before: one that trickles or never ends. Its listener is told of
 * the body by the reader's thread.
 */
final class OkHttpErrorBody implements Source {
  private static final long CHUNK = 8192;

  /** How long a reader may take to notice that its connection was closed under it. */
  private static final long STOP_NANOS = 1_000_000_000L;

  private final ResponseBody body;
  private final BufferedSource source;
  private final long length;
  private final Closeable unblock;
  private final @Nullable FirstEvent first;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Below: under the lock.
  private final Buffer got = new Buffer();
  private long total;
  private boolean reading = true;
  private boolean stop;
  private boolean ended;
  private boolean closeWhenRead;
  private @Nullable Throwable failure;

  private OkHttpErrorBody(
      ResponseBody body, BufferedSource source, Closeable unblock, @Nullable FirstEvent first) {
    this.body = body;
    this.source = source;
    this.length = Answers.length(body);
    this.unblock = unblock;
    this.first = first;
  }

  /**
   * Begins to read ahead.
   *
   * @param source the body's
   * @param unblock ends a read that another thread is in, as by closing the socket
   * @param first what the stream is held back for; null for an error
   * @throws java.util.concurrent.RejectedExecutionException when nobody is free to read; the body
   *     is untouched then
   */
  static OkHttpErrorBody begin(
      ResponseBody body,
      BufferedSource source,
      Executor readers,
      Closeable unblock,
      @Nullable FirstEvent first) {
    OkHttpErrorBody error = new OkHttpErrorBody(body, source, unblock, first);
    readers.execute(error::readAhead);
    return error;
  }

  /** The response with this as its body, of the same type and length. */
  Response in(Response response) {
    return response.newBuilder().body(new SourceBody(body, this, () -> stopped(true))).build();
  }

  /** Waits until enough is read, at most {@link CallExecution#MOST_BODY_NANOS}. */
  void await() {
    lock.lock();
    try {
      long left = CallExecution.MOST_BODY_NANOS;
      while (reading && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the next wait of the call will end with it
    } finally {
      stop = true;
      lock.unlock();
    }
  }

  byte[] bytes() {
    lock.lock();
    try {
      return got.snapshot().toByteArray();
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #bytes} is the whole body. */
  boolean complete() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes the body, so that the call can be sent again.
   *
   * @return whether it is closed; false when the reader could not be stopped. The body is as it was
   *     then: the application may read what there is, and must close it
   */
  boolean discard() {
    if (!stopped(false)) {
      return false;
    }
    closeBody();
    return true;
  }

  /** Whether nobody reads any more; else the reader closes the body when it is told to. */
  private boolean stopped(boolean closeByReader) {
    lock.lock();
    try {
      stop = true;
      if (reading) {
        unblock();
        long left = STOP_NANOS;
        while (reading && left > 0) {
          left = changed.awaitNanos(left);
        }
      }
      closeWhenRead = closeByReader && reading;
      return !reading;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closeWhenRead = closeByReader && reading;
      return !reading;
    } finally {
      lock.unlock();
    }
  }

  private void unblock() {
    try {
      unblock.close();
    } catch (IOException | RuntimeException e) {
      // Then the reader ends when the client's own read timeout says so.
    }
  }

  private void readAhead() {
    Buffer chunk = new Buffer();
    Throwable failed = null;
    try {
      long most = CHUNK;
      while (most > 0) {
        long n = source.read(chunk, most);
        boolean enough =
            first != null && n > 0 && first.enough(ByteBuffer.wrap(chunk.snapshot().toByteArray()));
        most = took(chunk, n, enough);
      }
    } catch (Throwable t) {
      failed = t;
    }
    boolean close;
    lock.lock();
    try {
      failure = failed;
      reading = false;
      close = closeWhenRead;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (close) {
      closeBody();
    }
  }

  /** How the body broke off, as far as it has been read; null when it has not. */
  @Nullable Throwable failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  private void closeBody() {
    try {
      body.close();
    } catch (RuntimeException theirs) {
      // a network interceptor's own body; on this thread there is nobody to tell
    }
  }

  /** Takes what was read; returns how much to read next, 0 to stop. */
  private long took(Buffer chunk, long n, boolean enough) {
    lock.lock();
    try {
      if (n < 0) {
        ended = true;
        return 0;
      }
      got.write(chunk, n);
      total += n;
      ended = total == length;
      changed.signalAll();
      return ended || stop || enough ? 0 : Math.min(CHUNK, CallExecution.MOST_BODY - total);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long read(Buffer sink, long byteCount) throws IOException {
    lock.lock();
    try {
      while (got.size() == 0) {
        if (ended) {
          return -1;
        }
        if (failure != null) {
          throw Thrown.io(failure);
        }
        if (!reading) {
          return source.read(sink, byteCount);
        }
        changed.await();
      }
      return got.read(sink, byteCount);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Timeout timeout() {
    return source.timeout();
  }

  @Override
  public void close() throws IOException {
    if (stopped(true)) {
      source.close();
    }
  }
}
