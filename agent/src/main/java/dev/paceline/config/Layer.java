package dev.paceline.config;

import java.util.Map;

/**
 * What one source says.
 *
 * @param source which one
 * @param entries by name of the key, without prefix; known keys only
 */
record Layer(Source source, Map<String, Entry> entries) {

  /**
   * One setting as it was found.
   *
   * @param place for people: {@code environment variable PACELINE_MAX_WAIT}
   * @param text what was typed, trimmed, not empty
   */
  record Entry(String place, String text) {}
}
