package dev.paceline.metrics;

import java.util.List;

/**
 * The rooms that a fault can come from: the values of the {@code component} tag that exist from the
 * start.
 */
final class Components {
  /** Their zero series exist before the first fault, so that {@code increase()} sees it. */
  static final List<String> KNOWN =
      List.of(
          "agent",
          "weave",
          "jdkhttp",
          "okhttp",
          "call",
          "provider",
          "retry",
          "limit",
          "tokens",
          "metrics",
          "export",
          "console",
          "config");

  private Components() {}
}
