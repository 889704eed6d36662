package dev.paceline.call;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The tap of one answer: decodes its body if need be, and shows it to whoever wants to look. */
final class Tap implements BodyTap, Gunzip.Out {
  private final Calls calls;
  private final ArrayList<BodySink> sinks;
  private final @Nullable Gunzip gunzip;
  private final OpenStreams.@Nullable Place place;
  private final @Nullable Tracing follower;

  /** A body is read by one thread and closed by another. */
  private final ReentrantLock lock = new ReentrantLock();

  private boolean over;

  /** Nothing more will come out of the decoder. */
  private boolean decoded;

  /**
   * @param sinks who looks
   * @param gunzip decodes the body; null when it comes as it is
   * @param place what the stream holds until it ends; null for nothing
   * @param follower is told the end; null when nobody follows
   */
  Tap(
      Calls calls,
      List<BodySink> sinks,
      @Nullable Gunzip gunzip,
      OpenStreams.@Nullable Place place,
      @Nullable Tracing follower) {
    this.calls = calls;
    this.sinks = new ArrayList<>(sinks);
    this.gunzip = gunzip;
    this.place = place;
    this.follower = follower;
  }

  @Override
  public void bytes(byte[] bytes, int offset, int length) {
    try {
      bytes(ByteBuffer.wrap(bytes, offset, length));
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    try {
      lock.lock();
      try {
        if (!over) {
          pass(bytes);
        }
      } finally {
        lock.unlock();
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
  }

  private void pass(ByteBuffer bytes) {
    if (place != null) {
      place.seen(calls.clock.nanos());
    }
    if (sinks.isEmpty()) {
      return;
    }
    try {
      FaultPoint.pass("tap");
      // A view: a sink that moved the application's own buffer would take bytes from it. Not a
      // read-only one, which would hide the array from sinks that read faster from there.
      ByteBuffer view = bytes.duplicate();
      if (gunzip == null) {
        decoded(view);
      } else if (!decoded && !gunzip.feed(view, this)) {
        decoded = true; // the sinks stay: what they have to say, some say at the end
      }
    } catch (Throwable t) {
      sinks.clear();
      throw t;
    }
  }

  @Override
  public void decoded(ByteBuffer bytes) {
    int from = bytes.position();
    for (int i = 0; i < sinks.size(); ) {
      try {
        sinks.get(i).bytes(bytes);
        i++;
      } catch (Throwable t) {
        sinks.remove(i);
        calls.fault("tap", t);
      }
      bytes.position(from);
    }
  }

  @Override
  public void end(boolean complete) {
    try {
      lock.lock();
      try {
        if (over) {
          return;
        }
        over = true;
        close(complete);
      } finally {
        lock.unlock();
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
    if (follower != null) {
      follower.bodyEnded();
    }
    // Not under the lock: it can wake a call whose executor runs it right here.
    leave();
  }

  private void close(boolean complete) {
    for (BodySink sink : sinks) {
      try {
        sink.end(complete);
      } catch (Throwable t) {
        calls.fault("tap", t);
      }
    }
    sinks.clear();
    if (gunzip != null) {
      gunzip.close();
    }
  }

  private void leave() {
    try {
      if (place != null) {
        place.leave();
      }
    } catch (Throwable t) {
      calls.fault("tap", t);
    }
  }
}
