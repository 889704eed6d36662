package dev.paceline.call;

import dev.paceline.provider.error.StreamErrors;
import dev.paceline.words.Classification;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Watches the head of a stream that is held back until its first event ({@code retry.first-event}).
 * Never throws. It may be judged by one thread while another still reads: the time for it can be up
 * in the middle.
 */
public final class FirstEvent implements Gunzip.Out {
  private final Calls calls;
  private final StreamErrors errors;
  private final @Nullable Gunzip gunzip;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Classification error;
  private boolean over;

  FirstEvent(Calls calls, StreamErrors errors, @Nullable Gunzip gunzip) {
    this.calls = calls;
    this.errors = errors;
    this.gunzip = gunzip;
  }

  /**
   * Takes the next bytes of the stream; the buffer's position stays.
   *
   * @return whether enough is read: an event that is no error. Behind an error the rest is read,
   *     too: it is little, and what is kept of a refused attempt should be whole
   */
  public boolean enough(ByteBuffer bytes) {
    try {
      lock.lock();
      try {
        if (!over && error == null) {
          feed(bytes.asReadOnlyBuffer());
        }
        return over || (error == null && errors.begun());
      } finally {
        lock.unlock();
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
      return true;
    }
  }

  private void feed(ByteBuffer bytes) {
    try {
      FaultPoint.pass("tap");
      if (gunzip == null) {
        decoded(bytes);
      } else if (!gunzip.feed(bytes, this)) {
        over = true;
      }
    } catch (Throwable t) {
      over = true;
      throw t;
    }
  }

  @Override
  public void decoded(ByteBuffer bytes) {
    if (error == null && !errors.begun()) {
      error = errors.feed(bytes, calls.clock.epochMillis());
    }
  }

  /**
   * The head is read, or the time for it is up.
   *
   * @param complete whether the stream has ended
   * @return the error that it began with, if any
   */
  @Nullable Classification end(boolean complete) {
    lock.lock();
    try {
      if (complete && !over && error == null && !errors.begun()) {
        error = errors.end(calls.clock.epochMillis());
      }
      over = true;
      if (gunzip != null) {
        gunzip.close();
      }
      return error;
    } finally {
      lock.unlock();
    }
  }
}
