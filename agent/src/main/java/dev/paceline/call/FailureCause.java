package dev.paceline.call;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.words.Classification;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/** What a failed call is counted as. */
final class FailureCause {
  private FailureCause() {}

  /** Of an answer that a call may end with; null when it is none. */
  static @Nullable Failure of(int status, Classification judgement) {
    return switch (judgement.kind()) {
      case SERVED -> null;
      case LIMITED ->
          judgement.limit() == Limit.QUOTA
              ? Failure.QUOTA
              : judgement.limit() == Limit.CAPACITY ? Failure.OVERLOADED : Failure.RATE_LIMITED;
      default -> status >= 500 ? Failure.SERVER_ERROR : Failure.CLIENT_ERROR;
    };
  }

  /**
   * Of a call that has ended.
   *
   * @param noted what it last met; null for nothing
   */
  static Failure of(Outcome outcome, @Nullable Failure noted) {
    return switch (outcome) {
      case CANCELLED -> Failure.CANCELLED;
      case IO_ERROR -> Failure.IO_ERROR;
      case CLIENT_ERROR -> noted == null ? Failure.CLIENT_ERROR : noted;
      case SERVER_ERROR -> noted == null ? Failure.SERVER_ERROR : noted;
      default -> noted == null ? Failure.RATE_LIMITED : noted;
    };
  }
}
