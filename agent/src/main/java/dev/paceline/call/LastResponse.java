package dev.paceline.call;

import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.ProviderResponse;
import org.jspecify.annotations.Nullable;

/** The answer that a call ends with when no further attempt brings a better one. */
final class LastResponse {
  private @Nullable ProviderResponse response;

  /** What the same call was told when it was given up before. */
  private @Nullable ProviderResponse earlier;

  private boolean limits;
  private boolean gaveUp;

  /** The call was given up because no wait can help: not one attempt more is worth its while. */
  private boolean nonRetryable;

  /** It is handed out again for a while without a request. */
  private boolean remembered;

  /** Of calls that were answered nothing yet; nobody writes it. */
  static final LastResponse NONE = new LastResponse();

  LastResponse() {}

  /**
   * Of a call that goes on; null when it was answered nothing yet.
   *
   * @param sameRequest whether body, credential and scope are those of before: another credential
   *     or model, put in place by an interceptor, is worth a try
   */
  static @Nullable LastResponse before(@Nullable LastResponse before, boolean sameRequest) {
    if (before == null) {
      return null;
    }
    LastResponse now = new LastResponse();
    // Only a call that was given up hands its answer out again; one that was served may send as
    // often as its interceptors like.
    now.earlier = before.gaveUp ? before.response : null;
    now.nonRetryable = before.nonRetryable && sameRequest;
    return now;
  }

  /** Null when there is none, or when its body was not read to the end. */
  @Nullable ProviderResponse get() {
    return response;
  }

  @Nullable ProviderResponse earlier() {
    return earlier;
  }

  /** Whether it is a limit's. */
  boolean isLimits() {
    return limits;
  }

  boolean nonRetryable() {
    return nonRetryable;
  }

  boolean remembered() {
    return remembered;
  }

  /** It is kept while the call waits for its next attempt. */
  void keep(ProviderResponse answer, boolean limited) {
    response = answer.complete() ? answer : null;
    limits = limited;
  }

  /** The call is given up with an answer of this kind. */
  void judged(Classification error) {
    nonRetryable = error.kind() == Kind.LIMITED && !error.retryable();
    remembered = Outcomes.quotaExhausted(error);
  }

  /** The call is given up: this is what it is told. */
  void giveUp(ProviderResponse answer) {
    gaveUp = true;
    response = answer.complete() ? answer : null;
  }
}
