package dev.paceline.config;

import java.util.Locale;
import java.util.Set;

/**
 * One thing that can be set.
 *
 * @param name without the prefix {@code paceline.}
 * @param defaultText the built-in value as it would be typed; empty when there is none
 * @param meaning one line for people
 * @param dynamic whether a change in the file is taken over while the process runs
 * @param places the sources that may set it
 * @param example a value somebody might type
 */
public record Key<T>(
    String name,
    Type<T> type,
    String defaultText,
    String meaning,
    boolean dynamic,
    Set<Source> places,
    String example) {

  /** What every name begins with, except in agent arguments, where it may be left out. */
  public static final String PREFIX = "paceline.";

  /** {@code paceline.max-wait}. */
  public String property() {
    return PREFIX + name;
  }

  /** {@code PACELINE_MAX_WAIT}. */
  public String environmentVariable() {
    return environmentVariable(name);
  }

  /**
   * What may be shown of a value: a webhook's address is as good as a password, a Redis' may hold
   * one, and so may what stands before the {@code @} of a host.
   */
  String shown(String text) {
    if (type == Types.HOSTS) {
      return text.replaceAll("[^/,\\s]*@", "***@");
    }
    boolean secret = type == Types.WEB_ADDRESS || type == Types.REDIS_ADDRESS;
    return secret && !text.isEmpty() ? "(set)" : text;
  }

  static String environmentVariable(String name) {
    return "PACELINE_" + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** The built-in value. */
  T defaultValue() {
    return type.parse(defaultText).value().orElseThrow();
  }
}
