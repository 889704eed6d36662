package dev.paceline.fleet;

import dev.paceline.words.Limit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What members want of a limit is measured in; limits on the same are shared alike. */
enum Resource {
  REQUESTS,
  TOKENS,
  IN_FLIGHT;

  static final int COUNT = 3;

  /** As on the page and in metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a limit counts; null when it is not shared out. */
  static @Nullable Resource of(Limit limit) {
    return switch (limit) {
      case RPM, RPD -> REQUESTS;
      case TPM, ITPM, OTPM, TPD -> TOKENS;
      case CONCURRENCY -> IN_FLIGHT;
      default -> null;
    };
  }
}
