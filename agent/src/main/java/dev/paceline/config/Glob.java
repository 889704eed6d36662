package dev.paceline.config;

import java.util.Locale;

/**
 * A pattern in which {@code *} stands for any characters. Case does not matter; the work is bounded
 * by the product of the lengths.
 */
public final class Glob {
  private final String pattern;
  private final int literalPrefix;

  /** Of a text in which each {@code *} stands for any characters, also none. */
  public Glob(String pattern) {
    this.pattern = pattern.toLowerCase(Locale.ROOT);
    int star = this.pattern.indexOf('*');
    this.literalPrefix = star < 0 ? Integer.MAX_VALUE : star;
  }

  /**
   * Characters before the first {@code *}; the largest number when there is none: the more, the
   * more specific.
   */
  int literalPrefix() {
    return literalPrefix;
  }

  /** Characters that are not {@code *}. */
  int literals() {
    return (int) pattern.chars().filter(c -> c != '*').count();
  }

  /** Whether all of a text is of this pattern. */
  public boolean matches(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int at = 0;
    int in = 0;
    int star = -1;
    int resume = 0;
    while (in < lower.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        resume = in;
      } else if (at < pattern.length() && pattern.charAt(at) == lower.charAt(in)) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++resume;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
