package dev.paceline.tokens;

/** Decodes Base64 that comes in pieces and hands the JSON in it on. */
final class Base64Feed {
  private static final byte[] VALUES = new byte[128];

  static {
    java.util.Arrays.fill(VALUES, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      VALUES[alphabet.charAt(i)] = (byte) i;
    }
  }

  private final UsageJson json;
  private final byte[] decoded = new byte[512];
  private int bits;
  private int held;

  Base64Feed(UsageJson json) {
    this.json = json;
  }

  /** The six bits of a letter; -1 for one that is not of the alphabet. */
  static int value(byte letter) {
    return letter < 0 ? -1 : VALUES[letter];
  }

  void begin() {
    json.reset();
    bits = 0;
    held = 0;
  }

  void feed(byte[] bytes, int from, int end) {
    int length = 0;
    for (int at = from; at < end; at++) {
      int value = value(bytes[at]);
      if (value < 0) {
        continue; // padding, or the backslash of an escaped solidus
      }
      bits = bits << 6 | value;
      held += 6;
      if (held >= 8) {
        held -= 8;
        decoded[length++] = (byte) (bits >> held);
        if (length == decoded.length) {
          json.feed(decoded, 0, length);
          length = 0;
        }
      }
    }
    json.feed(decoded, 0, length);
  }
}
