package dev.paceline.provider.error;

/** Text as the error grammars compare it. */
public final class ErrorText {
  /**
   * Characters of messages that are kept: the longest known error, forwarded twice by a gateway,
   * has three thousand, and every one is searched for every phrase.
   */
  public static final int MAX = 4 * 1024;

  private ErrorText() {}

  /**
   * Lower case, words apart by single spaces: separators, quotes and brackets become spaces, camel
   * case is split, a slash is a word of its own, URLs are dropped. One pass.
   */
  public static String normalise(CharSequence raw) {
    int length = Math.min(raw.length(), MAX);
    StringBuilder out = new StringBuilder(length + 16);
    for (int i = 0; i < length; i++) {
      char c = raw.charAt(i);
      if ((c == 'h' || c == 'H') && isUrl(raw, i, length)) {
        while (i < length && raw.charAt(i) > ' ' && "\"')>,".indexOf(raw.charAt(i)) < 0) {
          i++;
        }
        space(out);
        continue;
      }
      if (c == '/') {
        space(out);
        out.append("/ ");
      } else if (c == '.') {
        boolean decimal =
            i > 0 && i + 1 < length && isDigit(raw.charAt(i - 1)) && isDigit(raw.charAt(i + 1));
        if (decimal) {
          out.append('.');
        } else {
          space(out);
        }
      } else if (c == ','
          && i > 0
          && i + 1 < length
          && isDigit(raw.charAt(i - 1))
          && isDigit(raw.charAt(i + 1))) {
        continue; // 30,000
      } else if (Character.isLetterOrDigit(c)) {
        if (Character.isUpperCase(c) && i > 0) {
          char previous = raw.charAt(i - 1);
          boolean afterLower = Character.isLowerCase(previous);
          boolean startsWord =
              Character.isUpperCase(previous)
                  && i + 1 < length
                  && Character.isLowerCase(raw.charAt(i + 1));
          if (afterLower || startsWord) {
            space(out);
          }
        }
        out.append(Character.toLowerCase(c));
      } else {
        space(out);
      }
    }
    int end = out.length();
    return end > 0 && out.charAt(end - 1) == ' ' ? out.substring(0, end - 1) : out.toString();
  }

  private static void space(StringBuilder out) {
    int length = out.length();
    if (length > 0 && out.charAt(length - 1) != ' ') {
      out.append(' ');
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isUrl(CharSequence raw, int at, int length) {
    int i = at + 4;
    if (i >= length
        || raw.charAt(at + 1) != 't'
        || raw.charAt(at + 2) != 't'
        || raw.charAt(at + 3) != 'p') {
      return false;
    }
    i = raw.charAt(i) == 's' ? i + 1 : i;
    return i + 2 < length
        && raw.charAt(i) == ':'
        && raw.charAt(i + 1) == '/'
        && raw.charAt(i + 2) == '/';
  }
}
