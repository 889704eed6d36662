package dev.paceline.limit;

/** How a provider counts a limit. */
enum WindowKind {
  /** A bucket that is refilled without pause; a reset is the time until it is full. */
  TOKEN_BUCKET("continuous"),
  /** A counter that starts anew at a moment of its own; a reset is the time until then. */
  FIXED_WINDOW("fixed"),
  /** What was charged in the last window; a reset is the time until the newest charge leaves it. */
  SLIDING_WINDOW("rolling");

  private final String counted;

  WindowKind(String counted) {
    this.counted = counted;
  }

  /** As in the state file and on the page. */
  String counted() {
    return counted;
  }

  /**
   * @throws IllegalArgumentException for another word
   */
  static WindowKind of(String counted) {
    for (WindowKind kind : values()) {
      if (kind.counted.equals(counted)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(counted);
  }
}
