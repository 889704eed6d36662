package dev.paceline.tokens;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at eight bytes of a text at once. */
final class Swar {
  private static final long HIGH = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Swar() {}

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

  /** The eight bytes from here, the first one lowest. */
  static long get(byte[] body, int from) {
    return (long) LONGS.get(body, from);
  }

  /** How many of the bytes, from the first on, are ASCII and no backslash. */
  static int plain(long bytes) {
    long others = (bytes | equal(bytes, '\\')) & HIGH;
    return others == 0 ? Long.BYTES : first(others);
  }

  // The high bits of bytes of a kind. What is beyond ASCII may carry into the bytes above it, never
  // into those before.

  static long letters(long bytes) {
    long folded = bytes | ' ' * ONES;
    return from(folded, 'a') & ~from(folded, '{') & HIGH;
  }

  static long digits(long bytes) {
    return from(bytes, '0') & ~from(bytes, ':') & HIGH;
  }

  /** White space and control characters. */
  static long spaces(long bytes) {
    return ~from(bytes, '!') & HIGH;
  }

  private static long from(long bytes, char least) {
    return bytes + (0x80 - least) * ONES;
  }

  /** The high bits of the eight bytes, side by side. */
  static long bits(long high) {
    return ((high & HIGH) >>> 7) * 0x0102040810204080L >>> 56;
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
