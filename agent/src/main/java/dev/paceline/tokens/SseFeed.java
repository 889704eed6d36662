package dev.paceline.tokens;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Server-sent events. Most lines are skimmed for a field {@code usage} that opens an object,
 * several bytes a step; only a line that has one, and the lines that a piece begins or ends inside,
 * are read as JSON. Inside a text the closing quote of the name would be escaped, so words of the
 * model are no candidates.
 */
final class SseFeed implements Feed {
  private static final byte[] FIELD = {'d', 'a', 't', 'a', ':'};
  private static final byte[] USAGE = {'u', 's', 'a', 'g', 'e'};
  private static final byte[] METADATA = {
    'u', 's', 'a', 'g', 'e', 'M', 'e', 't', 'a', 'd', 'a', 't', 'a'
  };

  private static final int OTHER_FIELD = -1;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = LOW_BITS << 7;
  private static final long BRACES = LOW_BITS * '{';

  private final UsageJson json;

  /** How much of the field's name the line had so far; {@link #OTHER_FIELD} once it differs. */
  private int field;

  SseFeed(Tally tally) {
    this.json = new UsageJson(tally, false);
  }

  @Override
  public void feed(byte[] bytes, int from, int end) {
    int at = from;
    if (field != 0) {
      at = line(bytes, at, end);
    }
    while (at < end) {
      int candidate = candidate(bytes, at, end);
      int line = lineStart(bytes, at, candidate < 0 ? end : candidate);
      at = line(bytes, line, end);
    }
  }

  /** Reads the rest of a line; returns where the next one begins. */
  private int line(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && field >= 0 && field < FIELD.length) {
      byte b = bytes[at];
      if (b == '\n' || b == '\r') {
        field = 0;
        return at + 1;
      }
      field = b == FIELD[field] ? field + 1 : OTHER_FIELD;
      at++;
      if (field == FIELD.length) {
        json.reset();
      }
    }
    int value = at;
    while (at < end && bytes[at] != '\n' && bytes[at] != '\r') {
      at++;
    }
    if (field == FIELD.length) {
      json.feed(bytes, value, at);
    }
    if (at < end) {
      field = 0;
      return at + 1;
    }
    return at;
  }

  private static int lineStart(byte[] bytes, int from, int before) {
    int at = before;
    while (at > from && bytes[at - 1] != '\n' && bytes[at - 1] != '\r') {
      at--;
    }
    return at;
  }

  /**
   * Where a field "usage" or "usageMetadata" opens an object; -1 when none does in this piece.
   * Looks for the brace, which is rare, eight bytes a step, and back from it.
   */
  private static int candidate(byte[] bytes, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long others = (long) LONGS.get(bytes, at) ^ BRACES;
      // The high bit of each byte that is zero, so of each brace; of some above one, too, which
      // are looked at for nothing.
      long braces = (others - LOW_BITS) & ~others & HIGH_BITS;
      for (; braces != 0; braces &= braces - 1) {
        int brace = at + (Long.numberOfTrailingZeros(braces) >>> 3);
        if (opensUsage(bytes, from, brace)) {
          return brace;
        }
      }
    }
    for (; at < end; at++) {
      if (opensUsage(bytes, from, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean opensUsage(byte[] bytes, int from, int brace) {
    if (bytes[brace] != '{') {
      return false;
    }
    int colon = beforeSpace(bytes, brace - 1, from);
    if (colon <= from || bytes[colon] != ':') {
      return false;
    }
    int quote = beforeSpace(bytes, colon - 1, from);
    return quote > from
        && bytes[quote] == '"'
        && (endsWith(bytes, quote, from, USAGE) || endsWith(bytes, quote, from, METADATA));
  }

  private static int beforeSpace(byte[] bytes, int last, int from) {
    int at = last;
    while (at > from && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at--;
    }
    return at;
  }

  private static boolean endsWith(byte[] bytes, int end, int from, byte[] word) {
    int start = end - word.length;
    if (start < from) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      if (bytes[start + i] != word[i]) {
        return false;
      }
    }
    return true;
  }
}
