package dev.paceline.tokens;

/**
 * Estimates tokens from the kinds of characters, at the speed of memory and without a table: words,
 * numbers, punctuation, white space, and scripts that no word boundary cuts. The figures are fitted
 * to o200k over prose, code, JSON and CJK text; what remains is a matter of calibration.
 */
final class RoughMeter implements Meter {
  /** Three digits are a token: OpenAI's tables, Llama 3, DeepSeek. */
  static final RoughMeter INSTANCE = new RoughMeter(3);

  /** Each digit is a token, as Gemma's, Mistral's and Qwen's tokenizers split them. */
  static final RoughMeter DIGITS_APART = new RoughMeter(1);

  private static final byte LETTER = 0;
  private static final byte UPPER = 1;
  private static final byte DIGIT = 2;
  private static final byte SPACE = 3;
  private static final byte MARK = 4;
  private static final byte ESCAPE = 5;
  private static final byte WIDE = 6;

  private static final byte[] KIND = new byte[256];

  static {
    for (int b = 0; b < 256; b++) {
      if (b >= 'a' && b <= 'z') {
        KIND[b] = LETTER;
      } else if (b >= 'A' && b <= 'Z') {
        KIND[b] = UPPER;
      } else if (b >= '0' && b <= '9') {
        KIND[b] = DIGIT;
      } else if (b == '\\') {
        KIND[b] = ESCAPE;
      } else if (b <= ' ') {
        KIND[b] = SPACE;
      } else {
        KIND[b] = b < 0x80 ? MARK : WIDE;
      }
    }
  }

  /** Tokens of a word, by its letters, in 64ths: fitted to English prose and identifiers. */
  private static final int WORD = 64;

  private static final long PER_LETTER_BEYOND = 8;
  private static final long PER_CAPITAL_BEYOND = 24;
  private static final int FREE_LETTERS = 6;

  /** Of a longer text pieces from all over stand for the whole. */
  private static final int WHOLE = 32 * 1024;

  private static final int PIECE = 1_024;
  private static final int PIECES = 24;

  private final int digits;

  private RoughMeter(int digits) {
    this.digits = digits;
  }

  @Override
  public double count(byte[] body, int from, int end) {
    if (end - from <= WHOLE) {
      return all(body, from, end);
    }
    int length = end - from;
    double tokens = 0;
    for (int i = 0; i < PIECES; i++) {
      int start = from + (int) ((long) (length - PIECE) * i / (PIECES - 1));
      tokens += all(body, start, start + PIECE);
    }
    return tokens * length / (PIECES * PIECE);
  }

  private double all(byte[] body, int from, int end) {
    long units = 0;
    int at = from;
    while (at < end) {
      int start = at;
      switch (KIND[body[at] & 0xff]) {
        case LETTER, UPPER -> {
          // Words with one space between them go on here: most of any text. A word is capitals
          // and then small letters, so that camelCase is two.
          boolean more = true;
          while (more) {
            int word = at;
            while (at < end && KIND[body[at] & 0xff] == UPPER) {
              at++;
            }
            int capitals = at;
            at = Lanes.behindSmallLetters(body, at, end);
            int beyond = Math.max(0, at - word - FREE_LETTERS);
            units += WORD + beyond * (at > capitals ? PER_LETTER_BEYOND : PER_CAPITAL_BEYOND);
            more = at + 1 < end && body[at] == ' ' && KIND[body[at + 1] & 0xff] <= UPPER;
            at += more ? 1 : 0;
            // A comma or full stop before the next word.
            if (at + 2 < end
                && KIND[body[at] & 0xff] == MARK
                && body[at + 1] == ' '
                && KIND[body[at + 2] & 0xff] <= UPPER) {
              units += WORD;
              at += 2;
              more = true;
            }
          }
        }
        case DIGIT -> {
          while (at < end && KIND[body[at] & 0xff] == DIGIT) {
            at++;
          }
          units += (at - start + digits - 1) / digits * 64L;
        }
        case SPACE -> {
          while (at < end && KIND[body[at] & 0xff] == SPACE) {
            at++;
          }
          // One space goes with the word after it; a longer run is a token, a very long one
          // several.
          int length = at - start;
          units += length == 1 ? 0 : 64 + length / 64 * 64L;
        }
        case MARK -> {
          while (at < end && KIND[body[at] & 0xff] == MARK) {
            at++;
          }
          units += 64 + (at - start - 1) * 26L;
        }
        case ESCAPE -> {
          byte escaped = at + 1 < end ? body[at + 1] : 0;
          if (escaped == 'u') {
            units += 50;
            at += 6;
          } else {
            at += 2;
            int run = 1;
            while (at + 1 < end && body[at] == '\\' && body[at + 1] == escaped) {
              at += 2;
              run++;
            }
            units += 40 + (run > 4 ? run * 8L : 0);
          }
        }
        default -> {
          int lead = body[at] & 0xff;
          if (lead >= 0xf0) {
            at += 4;
            units += 120;
          } else if (lead >= 0xe0) {
            at += 3;
            units += lead == 0xe2 ? 64 : 50; // dashes and quotes; CJK
          } else {
            at += 2;
            units += 26; // Latin with marks, Cyrillic, Greek
          }
        }
      }
    }
    return units / 64.0;
  }
}
