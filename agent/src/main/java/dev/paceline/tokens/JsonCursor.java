package dev.paceline.tokens;

/** Moves over JSON, byte by byte. Builds nothing, copies nothing. */
abstract class JsonCursor {
  /** A name or a word that is looked at may be so long. */
  static final int SMALL_STRING = 64;

  final byte[] body;
  final int end;
  int at;

  /** Where the name of the field lies whose value is read. */
  int nameFrom;

  int nameEnd;

  /** Where the text of the string lies that {@link #quoted} has passed. */
  int textFrom;

  int textEnd;

  JsonCursor(byte[] body, int length) {
    this.body = body;
    this.end = Math.min(length, body.length);
  }

  /** The body ended, or is no JSON. Without a trace: this is no fault. */
  static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final Cut CUT = new Cut();

    private Cut() {
      super(null, null, false, false);
    }
  }

  void space() {
    while (at < end && body[at] <= ' ' && body[at] >= 0) {
      at++;
    }
  }

  byte peek() {
    space();
    if (at >= end) {
      throw Cut.CUT;
    }
    return body[at];
  }

  /** Moves behind the closing quote of the string that begins here; its text ends before it. */
  void string() {
    at++;
    while (true) {
      at = Swar.quoteOrEscape(body, at, end);
      if (at >= end) {
        throw Cut.CUT;
      }
      // Escapes often come in rows, which eight bytes a step would be slower for.
      while (at < end && body[at] == '\\') {
        at += 2;
      }
      if (at < end && body[at] == '"') {
        at++;
        return;
      }
    }
  }

  /** Moves behind the value that begins here. */
  void skip() {
    byte first = peek();
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      int open = 0;
      while (at < end) {
        switch (body[at]) {
          case '"' -> {
            string();
            continue;
          }
          case '{', '[' -> open++;
          case '}', ']' -> open--;
          default -> {}
        }
        at++;
        if (open == 0) {
          return;
        }
      }
      throw Cut.CUT;
    } else {
      scalar();
    }
  }

  /** Moves behind the value; when it is a string, its text lies where the fields say. */
  boolean quoted(byte first) {
    int from = at + 1;
    skip();
    if (first != '"') {
      return false;
    }
    textFrom = from;
    textEnd = at - 1;
    return true;
  }

  void scalar() {
    while (at < end) {
      byte b = body[at];
      if (b == ',' || b == '}' || b == ']' || (b <= ' ' && b >= 0)) {
        return;
      }
      at++;
    }
  }

  String name() {
    return Names.of(body, nameFrom, nameEnd);
  }

  /** The number that begins here; -1 when there is none. */
  long integer(byte first) {
    if (first < '0' || first > '9') {
      skip();
      return -1;
    }
    long value = 0;
    while (at < end && body[at] >= '0' && body[at] <= '9') {
      value = Math.min(value * 10 + (body[at] - '0'), 1_000_000_000L);
      at++;
    }
    scalar();
    return value;
  }

  boolean starts(int from, int to, String text) {
    if (to - from < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (body[from + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
