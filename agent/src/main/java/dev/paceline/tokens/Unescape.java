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
            at += 4;
          }
        }
        default -> text.append(kind);
      }
      escape = raw.indexOf('\\', at);
    }
    return text.append(raw, Math.min(at, raw.length()), raw.length()).toString();
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
