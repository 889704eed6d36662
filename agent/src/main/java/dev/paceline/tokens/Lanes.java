package dev.paceline.tokens;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at eight bytes of a text at once. */
final class Lanes {
  private static final long HIGH = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Lanes() {}

  /** Where a JSON string's next quote or backslash is; {@code end} when there is none. */
  static int quoteOrEscape(byte[] body, int from, int end) {
    int at = from;
    while (at <= end - Long.BYTES) {
      long bytes = (long) LONGS.get(body, at);
      long found = equal(bytes, '"') | equal(bytes, '\\');
      if (found != 0) {
        return at + first(found);
      }
      at += Long.BYTES;
    }
    while (at < end && body[at] != '"' && body[at] != '\\') {
      at++;
    }
    return at;
  }

  /** Behind the small letters that begin here. */
  static int behindSmallLetters(byte[] body, int from, int end) {
    int at = from;
    while (at <= end - Long.BYTES) {
      long bytes = (long) LONGS.get(body, at);
      // What is beyond ASCII may carry into the bytes above it, never into those before.
      long small = (bytes + (0x80 - 'a') * ONES) & ~(bytes + (0x80 - '{') * ONES);
      long others = ~small & HIGH;
      if (others != 0) {
        return at + first(others);
      }
      at += Long.BYTES;
    }
    while (at < end && body[at] >= 'a' && body[at] <= 'z') {
      at++;
    }
    return at;
  }

  /**
   * The high bits of bytes of this value; above the first one a borrow may set some for nothing.
   */
  private static long equal(long bytes, char value) {
    long others = bytes ^ value * ONES;
    return (others - ONES) & ~others & HIGH;
  }

  private static int first(long mask) {
    return Long.numberOfTrailingZeros(mask) >>> 3;
  }
}
