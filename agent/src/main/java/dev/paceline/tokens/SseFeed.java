package dev.paceline.tokens;

/**
 * Server-sent events. Most lines are skimmed for a field {@code usage} that opens an object,
 * several bytes a step; only a line that has one, and the lines that a piece begins or ends inside,
 * are read as JSON. Inside a text the closing quote of the name would be escaped, so words of the
 * model are no candidates.
 */
final class SseFeed implements Feed {
  private static final byte[] FIELD = {'d', 'a', 't', 'a', ':'};
  private static final byte[] METADATA = {'M', 'e', 't', 'a', 'd', 'a', 't', 'a'};

  /** How far the window moves when this byte stands under the last letter of "usage". */
  private static final byte[] SHIFT = new byte[256];

  static {
    java.util.Arrays.fill(SHIFT, (byte) 5);
    SHIFT['u'] = 4;
    SHIFT['s'] = 3;
    SHIFT['a'] = 2;
    SHIFT['g'] = 1;
    SHIFT['e'] = 0;
  }

  private static final int OTHER_FIELD = -1;

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

  /** Where a field "usage" or "usageMetadata" opens an object; -1 when none does in this piece. */
  private static int candidate(byte[] bytes, int from, int end) {
    int at = from + 4;
    while (at < end) {
      int shift = SHIFT[bytes[at] & 0xff];
      if (shift != 0) {
        at += shift;
      } else if (bytes[at - 1] == 'g'
          && bytes[at - 2] == 'a'
          && bytes[at - 3] == 's'
          && bytes[at - 4] == 'u'
          && opensObject(bytes, at + 1, end)) {
        return at - 4;
      } else {
        at += 5;
      }
    }
    return -1;
  }

  private static boolean opensObject(byte[] bytes, int from, int end) {
    int at = from;
    if (at < end && bytes[at] == 'M') {
      for (byte letter : METADATA) {
        if (at >= end || bytes[at++] != letter) {
          return false;
        }
      }
    }
    if (at >= end || bytes[at++] != '"') {
      return false;
    }
    at = afterSpace(bytes, at, end);
    if (at >= end || bytes[at++] != ':') {
      return false;
    }
    at = afterSpace(bytes, at, end);
    return at < end && bytes[at] == '{';
  }

  private static int afterSpace(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }
}
