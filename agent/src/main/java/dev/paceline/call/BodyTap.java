package dev.paceline.call;

import java.nio.ByteBuffer;

/**
 * Sees the bytes of a served answer as they pass on their way to the application. An adapter feeds
 * it: every byte of the body once, in order, as it came off the wire, before or while the
 * application gets it; then the end.
 *
 * <p>No method throws, and none blocks: what fails in here is counted, and the bytes flow on. The
 * methods may be called from any thread, {@link #end} while {@link #bytes} runs in another.
 */
public interface BodyTap {
  /** The next bytes; they are only read, and only during the call. */
  void bytes(byte[] bytes, int offset, int length);

  /** The same for what remains in a buffer, whose position and limit stay. */
  void bytes(ByteBuffer bytes);

  /**
   * No more bytes will come; idempotent, the first call counts.
   *
   * @param complete whether the body was read to its end; false when it broke off, or was closed or
   *     cancelled before
   */
  void end(boolean complete);
}
