package dev.paceline.cli;

import dev.paceline.words.Classification;
import dev.paceline.words.ProviderResponse;
import java.util.OptionalLong;

/** The retry rules as {@code explain} needs them. */
@FunctionalInterface
public interface Advisor {
  /**
   * What the agent would do with this answer to a first attempt that may be repeated, with the
   * settings of this process and without jitter.
   */
  Advice advise(String provider, ProviderResponse answer, Classification judgement);

  /**
   * What would be done.
   *
   * @param action {@code retry}, {@code give-up} (a limit or failure that is handed over) or {@code
   *     deliver}
   * @param waitMillis the wait before it; empty when there is none
   * @param why a short sentence for a person
   */
  record Advice(String action, OptionalLong waitMillis, String why) {}
}
