package dev.paceline.words;

import java.util.Locale;
import java.util.Optional;

/** How much a call matters beside others that wait for the same limit; the most urgent first. */
public enum Priority {
  INTERACTIVE,
  NORMAL,
  BACKGROUND;

  private static final Priority[] ALL = values();

  /** As configuration, headers, metrics and the page spell it. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** By its {@link #tag}, in any case; empty for any other text. */
  public static Optional<Priority> parse(String text) {
    for (Priority priority : ALL) {
      if (priority.name().equalsIgnoreCase(text.trim())) {
        return Optional.of(priority);
      }
    }
    return Optional.empty();
  }

  /** How many there are. */
  public static int count() {
    return ALL.length;
  }
}
