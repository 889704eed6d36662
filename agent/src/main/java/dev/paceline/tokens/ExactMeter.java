package dev.paceline.tokens;

import com.knuddels.jtokkit.api.Encoding;

/**
 * Counts tokens by a model's own table, up to so many bytes of a request: of what is longer, small
 * pieces from all over are counted, of each text as much as its share is, and the estimate is
 * scaled by what they show. So the work is bounded whatever the prompt, and a long one is met
 * within a percent or two.
 */
final class ExactMeter implements TokenMeter {
  /** All of a request is counted up to here; of longer ones as much. */
  private static final int WHOLE = 24 * 1024;

  /** Of a request so long less is counted: under two milliseconds with the walk over it. */
  private static final int LONG = 128 * 1024;

  private static final int PART = 14 * 1024;

  /**
   * Small, so that there are many: a prompt is of prose here and of code there. Not smaller, for
   * where a piece is cut within a word a token is counted too much.
   */
  private static final int PIECE = 512;

  /** How far a piece is moved to begin and end at a space. */
  private static final int NEAR = 160;

  /** What is counted of the first texts beyond their share: mostly short instructions. */
  private static final int FREE = 2 * 1024;

  /** A run without a break is one word to the table, and long ones take it five times as long. */
  private static final int MOST_RUN = 256;

  /** So many bytes of such runs are counted in pieces, then they are estimated. */
  private static final int RUNS = 8 * 1024;

  private final Encoding encoding;

  /** Bytes counted a byte of the request. */
  private final double rate;

  private double credit;
  private int runs = RUNS;
  private double exact = 1;
  private double rough = 1;

  /**
   * @param length bytes of the request
   */
  ExactMeter(Encoding encoding, int length) {
    this.encoding = encoding;
    this.rate = length <= WHOLE ? 1 : (double) (length <= LONG ? WHOLE : PART) / length;
    this.credit = FREE;
  }

  @Override
  public double count(byte[] body, int from, int end) {
    int length = end - from;
    if (length == 0) {
      return 0;
    }
    credit += length * rate;
    double estimate = RoughMeter.INSTANCE.count(body, from, end);
    if (length <= credit) {
      credit -= length;
      double tokens = tokens(body, from, end);
      exact += tokens;
      rough += estimate;
      return tokens;
    }
    int pieces = (int) (credit / PIECE);
    double counted = 0;
    double estimated = 0;
    for (int i = 0; i < pieces; i++) {
      int start = from + (int) ((length - PIECE) * (i + 0.5) / pieces);
      start = boundary(body, start, end);
      int stop = boundary(body, Math.min(end, start + PIECE), end);
      counted += tokens(body, start, stop);
      estimated += RoughMeter.INSTANCE.count(body, start, stop);
    }
    credit -= pieces * PIECE;
    exact += counted;
    rough += estimated;
    return estimate * (estimated == 0 ? exact / rough : counted / estimated);
  }

  /** The next place that cuts neither a character nor an escape: a space, if one is near. */
  private static int boundary(byte[] body, int from, int end) {
    for (int at = from; at < Math.min(end, from + NEAR); at++) {
      if (body[at] == ' ') {
        return at;
      }
    }
    return whole(body, from, end);
  }

  /** The same or the next place where a character or an escape begins. */
  private static int whole(byte[] body, int from, int end) {
    if (from >= end) {
      return end;
    }
    int at = from;
    for (int back = 1; back <= 5 && at - back >= 0; back++) {
      if (body[at - back] == '\\') {
        boolean code = body[at - back + 1] == 'u';
        at += code ? 6 - back : back == 1 ? 1 : 0;
        break;
      }
    }
    while (at < end && (body[at] & 0xc0) == 0x80) {
      at++;
    }
    return Math.min(at, end);
  }

  private double tokens(byte[] body, int from, int end) {
    double tokens = 0;
    int start = from;
    int run = 0;
    byte before = 0;
    for (int at = from; at < end; at++) {
      byte b = body[at];
      run = breaks(body, at, end, before, run) ? 0 : run + 1;
      before = b;
      if (run > MOST_RUN) {
        int cut = whole(body, at, end);
        tokens += run(body, start, cut);
        start = cut;
        at = Math.max(at, cut - 1);
        run = 0;
      }
    }
    return tokens + encoding.countTokensOrdinary(Unescape.text(body, start, end));
  }

  /** Whether a word of the table surely ends here. */
  private static boolean breaks(byte[] body, int at, int end, byte before, int run) {
    byte b = body[at];
    if (b >= 0) {
      return (b == ' ' || b == '"' || b == ',' || b == '.') && b != before;
    }
    // Punctuation of Chinese and Japanese, of full width.
    return run > 3
        && at + 1 < end
        && (b == (byte) 0xe3 && body[at + 1] == (byte) 0x80
            || b == (byte) 0xef && body[at + 1] == (byte) 0xbc);
  }

  /** Letters, white space or signs without an end. */
  private double run(byte[] body, int from, int end) {
    double estimate = RoughMeter.INSTANCE.count(body, from, end);
    if (runs <= 0) {
      return estimate * exact / rough;
    }
    runs -= MOST_RUN;
    double tokens = encoding.countTokensOrdinary(Unescape.text(body, from, end));
    exact += tokens;
    rough += estimate;
    return tokens;
  }
}
