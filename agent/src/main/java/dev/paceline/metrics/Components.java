package dev.paceline.metrics;

import java.util.List;

/**
 * Where a fault can come from: the values of the {@code component} tag that exist from the start.
 */
final class Components {
  /**
   * Their zero series exist before the first fault, so that {@code increase()} sees it. A test
   * holds the list against the names that the code reports.
   */
  static final List<String> KNOWN =
      List.of(
          "admit",
          "bridge",
          "config",
          "console",
          "export",
          "fleet",
          "jdk",
          "metrics",
          "okhttp",
          "recogniser",
          "record",
          "request",
          "response",
          "state",
          "tap",
          "timer",
          "tracing");

  private Components() {}
}
