package dev.paceline.call;

import dev.paceline.limit.Permit;
import org.jspecify.annotations.Nullable;

/** The permit of a call's attempt that is on the way; it is given back exactly once. */
final class HeldPermit {
  private final CallContext call;
  private @Nullable Permit held;
  private @Nullable Permit answered;

  /** When the attempt left the client's own queue, as far as is known. */
  private long departedAt;

  /** Whether the answer is a stream: it counts as in flight until it ends. */
  private boolean streaming;

  HeldPermit(CallContext call) {
    this.call = call;
  }

  /** The permit of the attempt on the way; null for none. */
  @Nullable Permit get() {
    return held;
  }

  void take(@Nullable Permit granted) {
    held = granted;
  }

  /** The permit of the attempt that was answered last. */
  @Nullable Permit answered() {
    return answered;
  }

  /**
   * The attempt's answer has told what it has to tell; the permit is held until {@link #release}.
   */
  void answered(Permit permit) {
    answered = permit;
  }

  void stream() {
    streaming = true;
  }

  boolean streaming() {
    return streaming;
  }

  /** The attempt was let go; in what follows it may stand in the client's own queue. */
  void sent(long now) {
    departedAt = now;
  }

  /** The attempt leaves the client's own queue, on this thread. */
  void departs(long now) {
    departedAt = now;
    Permit permit = held;
    if (permit != null) {
      call.queue.departed(permit, now);
    }
  }

  /** Nanoseconds since the attempt left. */
  long onTheWay(long now) {
    return now - departedAt;
  }

  /** The headers of the answer are here; what they say follows. */
  void arrived() {
    Permit permit = held;
    if (permit != null) {
      try {
        call.queue.reading(permit);
      } catch (Throwable t) {
        call.calls.fault("response", t);
      }
    }
  }

  /** Gives the permit back; idempotent. */
  void release() {
    Permit permit = held;
    held = null;
    if (permit != null) {
      try {
        call.queue.ended(permit);
      } catch (Throwable t) {
        call.calls.fault("response", t);
      }
    }
  }
}
