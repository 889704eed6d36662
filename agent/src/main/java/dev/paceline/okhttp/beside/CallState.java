package dev.paceline.okhttp.beside;

import dev.paceline.call.Course;
import dev.paceline.call.Step;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one OkHttp call between the passes of its interceptors. Handed from thread
 * to thread with the call, never shared.
 */
final class CallState {
  /** The instant on the call room's clock at which the call's timeout fires. */
  final long deadline;

  /** The course of the last pass: an interceptor that proceeds again shares its allowance. */
  @Nullable Course last;

  /** The step that the course of a parked call has come to; its first pass begins with it. */
  @Nullable Step pending;

  /** Cancelled while parked: its one pass goes straight to OkHttp, which says so. */
  boolean cancelled;

  /** The call's timeout while a parked call runs with what is left of it; 0 when it has none. */
  long fullTimeout;

  private @Nullable RequestBody read;
  private byte @Nullable [] bytes;
  private @Nullable CopiedBody copy;

  CallState(long deadline) {
    this.deadline = deadline;
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
