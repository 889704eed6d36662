package dev.paceline.call;

import java.nio.ByteBuffer;

/**
 * Looks at a served answer's body for one purpose. Gets its bytes decoded; calls come one at a
 * time, {@link #end} last and once. One that throws is counted as a fault and gets nothing more.
 */
interface BodySink {
  /** The next bytes: from position to limit, read-only, valid during the call. */
  void bytes(ByteBuffer bytes);

  /**
   * The body has ended.
   *
   * @param complete whether it was read to its end
   */
  void end(boolean complete);
}
