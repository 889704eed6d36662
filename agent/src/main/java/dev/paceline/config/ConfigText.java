package dev.paceline.config;

/** Makes foreign text fit for one line of a log. */
final class ConfigText {
  private static final int MAX = 120;

  private ConfigText() {}

  static String shown(String text) {
    String clean = text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    return clean.length() <= MAX ? clean : clean.substring(0, MAX) + "...";
  }
}
