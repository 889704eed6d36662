package dev.paceline.provider;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Counts the characters and bytes that the provider room looks at: {@link CountedProviders}
 * rewrites its classes to call this in place of the JDK's methods that go over text. A search
 * counts what it has gone over, not what it could have.
 */
public final class Visits {
  /** What was looked at so far; the tests that read it use one thread. */
  public static long count;

  private Visits() {}

  /** A byte of an array, a step of a loop, a call of a method. */
  public static void one() {
    count++;
  }

  /** A text that was made, or read by the JSON parser. */
  public static void made(String text) {
    count += text == null ? 0 : text.length();
  }

  public static void parsed(int length) {
    count += length;
  }

  private static int found(int at, int from, int end, int needle) {
    count += (at < 0 ? Math.max(0, end - from) : Math.max(0, at - from)) + needle;
    return at;
  }

  public static char charAt(String s, int at) {
    count++;
    return s.charAt(at);
  }

  public static char charAt(CharSequence s, int at) {
    count++;
    return s.charAt(at);
  }

  public static String substring(String s, int from, int to) {
    String part = s.substring(from, to);
    count += part.length();
    return part;
  }

  public static String substring(String s, int from) {
    return substring(s, from, s.length());
  }

  public static boolean contains(String s, CharSequence what) {
    return indexOf(s, what.toString(), 0) >= 0;
  }

  public static int indexOf(String s, int c) {
    return found(s.indexOf(c), 0, s.length(), 1);
  }

  public static int indexOf(String s, int c, int from) {
    return found(s.indexOf(c, from), from, s.length(), 1);
  }

  public static int indexOf(String s, String what) {
    return indexOf(s, what, 0);
  }

  public static int indexOf(String s, String what, int from) {
    return found(s.indexOf(what, from), from, s.length(), what.length());
  }

  public static int lastIndexOf(String s, int c) {
    return lastIndexOf(s, c, s.length());
  }

  public static int lastIndexOf(String s, int c, int from) {
    int at = s.lastIndexOf(c, from);
    count += Math.min(from, s.length()) - Math.max(0, at) + 1;
    return at;
  }

  public static int lastIndexOf(String s, String what, int from) {
    int at = s.lastIndexOf(what, from);
    count += Math.min(from, s.length()) - Math.max(0, at) + what.length();
    return at;
  }

  public static boolean startsWith(String s, String what) {
    count += what.length();
    return s.startsWith(what);
  }

  public static boolean startsWith(String s, String what, int at) {
    count += what.length();
    return s.startsWith(what, at);
  }

  public static boolean endsWith(String s, String what) {
    count += what.length();
    return s.endsWith(what);
  }

  public static boolean regionMatches(
      String s, boolean ignoreCase, int at, String other, int from, int length) {
    count += Math.max(0, length);
    return s.regionMatches(ignoreCase, at, other, from, length);
  }

  public static boolean regionMatches(String s, int at, String other, int from, int length) {
    count += Math.max(0, length);
    return s.regionMatches(at, other, from, length);
  }

  public static boolean equals(String s, Object other) {
    count += other instanceof String o && o.length() == s.length() ? s.length() : 1;
    return s.equals(other);
  }

  public static boolean equalsIgnoreCase(String s, String other) {
    count += other != null && other.length() == s.length() ? s.length() : 1;
    return s.equalsIgnoreCase(other);
  }

  public static int hashCode(String s) {
    count += s.length();
    return s.hashCode();
  }

  public static String toLowerCase(String s, Locale locale) {
    count += s.length();
    return s.toLowerCase(locale);
  }

  public static String trim(String s) {
    String trimmed = s.trim();
    count += s.length() == trimmed.length() ? 2 : s.length();
    return trimmed;
  }

  public static boolean isBlank(String s) {
    count += s.length();
    return s.isBlank();
  }

  public static String replace(String s, CharSequence what, CharSequence with) {
    count += s.length();
    return s.replace(what, with);
  }

  public static String[] split(String s, String by, int most) {
    count += s.length();
    return s.split(by, most);
  }

  public static byte[] getBytes(String s, Charset charset) {
    count += s.length();
    return s.getBytes(charset);
  }

  public static IntStream chars(String s) {
    return s.chars().peek(c -> count++);
  }

  private static void key(Object key) {
    count += key instanceof String s ? s.length() : 1;
  }

  public static Object get(Map<?, ?> map, Object key) {
    key(key);
    return map.get(key);
  }

  public static boolean contains(Set<?> set, Object key) {
    key(key);
    return set.contains(key);
  }

  public static boolean add(Set<Object> set, Object key) {
    key(key);
    return set.add(key);
  }

  public static boolean contains(List<?> list, Object key) {
    count += list.size();
    return list.contains(key);
  }
}
