package dev.paceline.call;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a request's body, lent to {@link Calls#begin} and read only there: what a call keeps
 * for the length of its wait must not hold its body.
 *
 * @param bytes holds the body from its beginning on; may be longer than it, and may be used again
 *     by its owner afterwards
 * @param length of the body in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two rooms, never compared
public record RequestContent(byte[] bytes, int length) {
  /** The body was not read ahead. */
  public static final RequestContent UNREAD = new RequestContent(new byte[0], 0);

  /** A body that fills its array; null for one that was not read. */
  public static RequestContent of(byte @Nullable [] bytes) {
    return bytes == null ? UNREAD : new RequestContent(bytes, bytes.length);
  }
}
