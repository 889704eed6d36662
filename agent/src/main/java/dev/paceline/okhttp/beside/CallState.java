package dev.paceline.okhttp.beside;

import dev.paceline.call.CallExecution;
import dev.paceline.call.CallOrigin;
import dev.paceline.call.RequestInfo;
import dev.paceline.call.Step;
import java.io.IOException;
import okhttp3.RequestBody;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one OkHttp call between the passes of its interceptors. Handed from thread
 * to thread with the call, never shared.
 */
final class CallState {
  /** Longer than any wait, and short enough to be added to any instant. */
  private static final long FOR_EVER = Long.MAX_VALUE / 4;

  /** The instant on the call room's clock at which the call's timeout fires. */
  long deadline = RequestInfo.NO_DEADLINE;

  /** Where the call comes from, as told on the thread that enqueued it; null while nobody asks. */
  @Nullable CallOrigin origin;

  /** The deadline is set. Not before the call runs, unless it is parked: OkHttp starts it then. */
  private boolean timed;

  /** The course of the last pass: an interceptor that proceeds again shares its allowance. */
  @Nullable CallExecution last;

  /** The step that the course of a parked call has come to; its first pass begins with it. */
  @Nullable Step pending;

  /** Cancelled while parked: its one pass goes straight to OkHttp, which says so. */
  boolean cancelled;

  /** How the body that is delivered broke off while it was read ahead. */
  @Nullable IOException broken;

  /** The call's timeout while a parked call runs with what is left of it; 0 when it has none. */
  long fullTimeout;

  private @Nullable RequestBody read;
  private byte @Nullable [] bytes;
  private @Nullable CopiedBody copy;

  /**
   * The call's timeout begins now, if it has not begun.
   *
   * @param runs false for a call that stands in a queue, where only an absolute deadline counts
   */
  void begin(Timeout timeout, long now, boolean runs) {
    if (timed) {
      return;
    }
    timed = runs;
    boolean counts = runs && timeout.timeoutNanos() != 0;
    long left = counts ? timeout.timeoutNanos() : Long.MAX_VALUE;
    if (timeout.hasDeadline()) {
      left = Math.min(left, timeout.deadlineNanoTime() - System.nanoTime());
    }
    deadline = left == Long.MAX_VALUE ? RequestInfo.NO_DEADLINE : now + Math.min(left, FOR_EVER);
  }

  boolean hasBegun() {
    return timed;
  }

  /** Not parked after all: its timeout begins when it runs. */
  void notBegun() {
    timed = false;
    deadline = RequestInfo.NO_DEADLINE;
  }

  /** What is pending, to be gone on with by who takes it. */
  @Nullable Step take() {
    Step step = pending;
    pending = null;
    return step;
  }

  /** The call sends nothing any more: gives back what nobody has picked up. */
  void end() {
    pending = null;
    forgetBody();
    CallExecution course = last;
    last = null;
    if (course != null) {
      course.cancelled();
    }
  }

  /**
   * Keeps what was read of a body before the interceptors ran.
   *
   * @param sent what is sent in its place; null for a body that is sent itself
   */
  void keep(RequestBody body, byte[] content, @Nullable CopiedBody sent) {
    read = body;
    bytes = content;
    copy = sent;
  }

  /** What was kept of exactly this body; null when the interceptors have put another in place. */
  byte @Nullable [] kept(RequestBody body) {
    return read == body ? bytes : null;
  }

  /** As {@link #kept}: what is sent in the body's place. */
  @Nullable CopiedBody copy(RequestBody body) {
    return read == body ? copy : null;
  }

  /** Forgets what can be read again. */
  void forgetBody() {
    if (copy == null) {
      sending();
    }
  }

  /** What is sent has been taken. */
  void sending() {
    read = null;
    bytes = null;
    copy = null;
  }
}
