package dev.paceline.tokens;

import com.knuddels.jtokkit.api.Encoding;

/**
 * Counts tokens by a model's own table, up to so many bytes of a request: of what is longer, pieces
 * from all over are counted and the estimate is scaled by what they show. So the work is bounded
 * whatever the prompt, and a long one is met within a percent or two.
 */
final class ExactMeter implements Meter {
  /** All of a text is counted up to here. */
  private static final int WHOLE = 24 * 1024;

  private static final int PIECE = 1024;

  /** Pieces of a longer text; with {@link #PIECE} the most that one text costs. */
  private static final int PIECES = 8;

  /** Of a longer request only as much is counted as one text's pieces: under two milliseconds. */
  private static final int LONG = 128 * 1024;

  /** A run without a space is one word to the table, and its time grows with the square. */
  private static final int MOST_RUN = 256;

  private final Encoding encoding;
  private int left;
  private double exact = 1;
  private double rough = 1;

  /**
   * @param length bytes of the request
   */
  ExactMeter(Encoding encoding, int length) {
    this.encoding = encoding;
    this.left = length <= LONG ? WHOLE : PIECES * PIECE;
  }

  @Override
  public double count(byte[] body, int from, int end) {
    int length = end - from;
    if (length == 0) {
      return 0;
    }
    double estimate = RoughMeter.INSTANCE.count(body, from, end);
    if (length <= left) {
      left -= length;
      double tokens = tokens(body, from, end);
      exact += tokens;
      rough += estimate;
      return tokens;
    }
    if (length < PIECE || left < PIECE) {
      return estimate * exact / rough;
    }
    int pieces = Math.min(PIECES, Math.min(left, length) / PIECE);
    double counted = 0;
    double estimated = 0;
    for (int i = 0; i < pieces; i++) {
      int start =
          boundary(body, from + (int) ((long) (length - PIECE) * i / Math.max(1, pieces - 1)), end);
      int stop = boundary(body, Math.min(end, start + PIECE), end);
      counted += tokens(body, start, stop);
      estimated += RoughMeter.INSTANCE.count(body, start, stop);
      left -= PIECE;
    }
    exact += counted;
    rough += estimated;
    return estimated == 0 ? estimate : estimate * counted / estimated;
  }

  /** The next place that cuts neither a character nor an escape: a space, if one is near. */
  private static int boundary(byte[] body, int from, int end) {
    for (int at = from; at < Math.min(end, from + 64); at++) {
      if (body[at] == ' ') {
        return at;
      }
    }
    int at = from;
    while (at < end && (body[at] & 0xc0) == 0x80) {
      at++;
    }
    return at;
  }

  private double tokens(byte[] body, int from, int end) {
    int run = 0;
    byte before = 0;
    for (int at = from; at < end; at++) {
      byte b = body[at];
      // Letters, white space or signs without an end: pathological for the table's search.
      boolean breaks = (b == ' ' || b == '"' || b == ',' || b == '.') && b != before;
      before = b;
      run = breaks ? 0 : run + 1;
      if (run > MOST_RUN) {
        return RoughMeter.INSTANCE.count(body, from, end);
      }
    }
    return encoding.countTokensOrdinary(Unescape.text(body, from, end));
  }
}
