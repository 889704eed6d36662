package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;

/** The text that a JSON string stands for. */
final class Unescape {
  private Unescape() {}

  static String text(byte[] body, int from, int end) {
    String raw = new String(body, from, end - from, StandardCharsets.UTF_8);
    int escape = raw.indexOf('\\');
    if (escape < 0) {
      return raw;
    }
    StringBuilder text = new StringBuilder(raw.length());
    boolean surrogates = false;
    int at = 0;
    while (escape >= 0 && escape + 1 < raw.length()) {
      text.append(raw, at, escape);
      char kind = raw.charAt(escape + 1);
      at = escape + 2;
      switch (kind) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'r' -> text.append('\r');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'u' -> {
          int code = hex(raw, at);
          if (code >= 0) {
            text.append((char) code);
            surrogates |= Character.isSurrogate((char) code);
            at += 4;
          }
        }
        default -> text.append(kind);
      }
      escape = raw.indexOf('\\', at);
    }
    text.append(raw, Math.min(at, raw.length()), raw.length());
    return surrogates ? mended(text) : text.toString();
  }

  /** Halves of a character, which a table would take for a fault, become the sign for that. */
  private static String mended(StringBuilder text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        text.setCharAt(i, (char) 0xfffd);
      }
    }
    return text.toString();
  }

  private static int hex(String raw, int from) {
    int code = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = i < raw.length() ? Character.digit(raw.charAt(i), 16) : -1;
      if (digit < 0) {
        return -1;
      }
      code = code << 4 | digit;
    }
    return code;
  }
}
