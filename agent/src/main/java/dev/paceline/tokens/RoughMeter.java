package dev.paceline.tokens;

import java.util.Arrays;

/**
 * Estimates tokens from the kinds of characters, at the speed of memory and without a table: words,
 * numbers, punctuation, white space, and scripts that no word boundary cuts. The figures are fitted
 * to o200k over prose, code, JSON and CJK text; what remains is a matter of calibration.
 */
final class RoughMeter implements TokenMeter {
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

  /**
   * 64ths of a token a character, by the first of its bytes in UTF-8: o200k's, measured on
   * sentences in the languages that are written so.
   */
  private static final byte[] SCRIPT = new byte[256];

  static {
    Arrays.fill(SCRIPT, 0x80, 0xce, (byte) 10); // Latin with marks: the word around it counts
    Arrays.fill(SCRIPT, 0xce, 0xd0, (byte) 25); // Greek
    Arrays.fill(SCRIPT, 0xd0, 0xd5, (byte) 14); // Cyrillic
    Arrays.fill(SCRIPT, 0xd5, 0xd8, (byte) 30); // Armenian, Hebrew
    Arrays.fill(SCRIPT, 0xd8, 0xe0, (byte) 21); // Arabic
    SCRIPT[0xe0] = 30; // Devanagari and its like, Thai
    SCRIPT[0xe1] = 5; // Vietnamese
    SCRIPT[0xe2] = 64; // dashes, quotes, arrows
    Arrays.fill(SCRIPT, 0xe3, 0xf0, (byte) 48); // kana, CJK, Hangul
    Arrays.fill(SCRIPT, 0xe4, 0xea, (byte) 44);
    Arrays.fill(SCRIPT, 0xf0, 0x100, (byte) 116); // emoji
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

  /** As many letters of a word are free: {@link #all} counts on six. */
  private static final int FREE_LETTERS = 6;

  private static final int MARKS = 64;
  private static final long PER_MARK_BEYOND = 26;

  /** A block holds no run of spaces that costs more than one token. */
  private static final int BLOCK = 63;

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

  /**
   * Blocks of plain text are counted at once; what is no plain text, or has no end within a block,
   * one by one.
   */
  private double all(byte[] body, int from, int end) {
    long units = 0;
    int at = from;
    int slow = from;
    while (at < end) {
      if (at >= slow && KIND[body[at] & 0xff] < ESCAPE && end - at >= Long.BYTES) {
        // The kinds of up to 64 characters, a bit each: no branch on what a character is, which
        // in prose nobody can foresee.
        long letters = 0;
        long capitals = 0;
        long numbers = 0;
        long spaces = 0;
        int size = Math.min(end - at, BLOCK);
        int read = 0;
        boolean foreign = false;
        while (read < size && at + read <= body.length - Long.BYTES) {
          long bytes = Swar.get(body, at + read);
          long letter = Swar.letters(bytes);
          letters |= Swar.bits(letter) << read;
          capitals |= Swar.bits(letter & ~(bytes << 2)) << read;
          numbers |= Swar.bits(Swar.digits(bytes)) << read;
          spaces |= Swar.bits(Swar.spaces(bytes)) << read;
          int plain = Swar.plain(bytes);
          read += plain;
          if (plain < Long.BYTES) {
            foreign = read < size;
            break;
          }
        }
        size = Math.min(size, read);
        long inside = -1L >>> (Long.SIZE - size);
        letters &= inside;
        capitals &= inside;
        numbers &= inside;
        spaces &= inside;
        long marks = inside & ~(letters | numbers | spaces);
        long small = letters & ~capitals;
        // A word is capitals and then small letters, so that camelCase is two.
        long words = letters & ~(letters << 1) | capitals & small << 1;
        long begins =
            words | numbers & ~(numbers << 1) | spaces & ~(spaces << 1) | marks & ~(marks << 1);
        if (!foreign && at + size < end) {
          // What begins last may go on behind the block.
          size = Long.SIZE - 1 - Long.numberOfLeadingZeros(begins);
          inside = (1L << size) - 1;
          letters &= inside;
          words &= inside;
          numbers &= inside;
          spaces &= inside;
          marks &= inside;
        }
        long tail = letters & ~words;
        long long3 = tail & tail << 1 & tail << 2;
        long beyond = long3 & long3 << 3;
        if (size > 0 && (beyond & capitals) == 0) {
          units +=
              WORD * Long.bitCount(words)
                  + PER_LETTER_BEYOND * Long.bitCount(beyond)
                  + MARKS * Long.bitCount(marks & ~(marks << 1))
                  + PER_MARK_BEYOND * Long.bitCount(marks & marks << 1)
                  + WORD * Long.bitCount(spaces & spaces << 1 & ~(spaces << 2));
          long groups = digits == 1 ? numbers : numbers & ~(numbers << 1);
          while (groups != 0) {
            units += WORD * Long.bitCount(groups);
            groups = digits == 1 ? 0 : groups << 3 & numbers & numbers << 1 & numbers << 2;
          }
          at += size;
          continue;
        }
        slow = at + Math.max(1, size);
      }
      int start = at;
      switch (KIND[body[at] & 0xff]) {
        case LETTER, UPPER -> {
          while (at < end && KIND[body[at] & 0xff] == UPPER) {
            at++;
          }
          int capitals = at;
          while (at < end && KIND[body[at] & 0xff] == LETTER) {
            at++;
          }
          int beyond = Math.max(0, at - start - FREE_LETTERS);
          units += WORD + beyond * (at > capitals ? PER_LETTER_BEYOND : PER_CAPITAL_BEYOND);
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
          units += MARKS + (at - start - 1) * PER_MARK_BEYOND;
        }
        case ESCAPE -> {
          byte escaped = at + 1 < end ? body[at + 1] : 0;
          if (escaped == 'u') {
            units += escaped(body, at, end);
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
          at += lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
          units += SCRIPT[lead];
        }
      }
    }
    return units / 64.0;
  }

  /** Of a character written as {@code \\uXXXX}: what its script takes in UTF-8. */
  private static int escaped(byte[] body, int at, int end) {
    int code = 0;
    for (int i = at + 2; i < Math.min(at + 6, end); i++) {
      code = code << 4 | Math.max(0, Character.digit(body[i], 16));
    }
    if (code < 0x80) {
      return 40;
    }
    if (code < 0x800) {
      return SCRIPT[0xc0 | code >> 6];
    }
    return code >= 0xd800 && code < 0xe000 ? SCRIPT[0xf0] / 2 : SCRIPT[0xe0 | code >> 12];
  }
}
