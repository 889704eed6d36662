package dev.paceline.call;

import dev.paceline.config.Mode;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;

/**
 * Hears what happens to calls. Called on the application's threads: implementations must be cheap,
 * must not block, and may throw (the caller has a barrier).
 */
public interface CallListener {
  /** Says nothing to anybody. */
  CallListener NONE = new CallListener() {};

  /** A call begins; followed by exactly one {@link #callEnded}. */
  default void callStarted(CallInfo call) {}

  /** An attempt goes onto the wire; followed by exactly one {@link #attemptEnded}. */
  default void attemptSent(CallInfo call, int attempt) {}

  /**
   * The attempt's headers are here, or it failed.
   *
   * @param status HTTP status; 0 when the attempt ended with an exception
   */
  default void attemptEnded(CallInfo call, int attempt, int status) {}

  /**
   * An answer was judged to be a limit answer (whatever its status), or the agent answered with one
   * itself.
   */
  default void limited(CallInfo call, Limit limit, Source source) {}

  /**
   * An answer said that this one request is larger than a limit, or than the model's context: no
   * waiting helps, and it is no limit answer.
   */
  default void tooLarge(CallInfo call) {}

  /**
   * The call that has just started repeats an earlier one: an SDK or a loop above the agent sends
   * again what was answered before.
   */
  default void repeated(CallInfo call) {}

  /**
   * Observe mode only: a limit answer that reaches the application and that enforcing would have
   * spared it.
   */
  default void avoidable(CallInfo call, Limit limit, Remedy by) {}

  /** A wait has ended. In observe mode: the wait that would have been. */
  default void waited(CallInfo call, Limit limit, WaitReason reason, long nanos) {}

  /** A further attempt was decided on. In observe mode: would have been. */
  default void retried(CallInfo call, RetryReason reason) {}

  /**
   * The last answer is handed to the application although it is an error that a further attempt
   * might have cured.
   */
  default void gaveUp(CallInfo call, GiveUpReason reason) {}

  /**
   * A priced call leaves for the first time.
   *
   * @param input estimated tokens of the prompt
   * @param output tokens set aside for the answer, 0 when nothing is known
   */
  default void tokensEstimated(CallInfo call, long input, long output) {}

  /**
   * The provider has said what a call did cost; at most once an attempt.
   *
   * @param input tokens of the prompt, in the provider's own count: with or without the cache
   * @param cached tokens of the prompt that came from the provider's cache
   * @param output tokens that were produced, thinking included
   * @param promptByEstimate the whole prompt as a multiple of the estimate; 0 when there was none
   */
  default void tokensUsed(
      CallInfo call, long input, long cached, long output, double promptByEstimate) {}

  /** What the application saw. {@code overheadNanos}: the agent's own time, waits excluded. */
  default void callEnded(CallInfo call, Outcome outcome, long overheadNanos) {}

  /** A call that has begun is handled in this mode: its own rule's, else the general one. */
  default void handled(CallInfo call, Mode mode) {}

  /** A call ends without the answer that was asked for; before {@link #callEnded}. */
  default void failed(CallInfo call, Failure failure) {}

  /**
   * A call was served.
   *
   * @param nanos from its beginning to the headers of its answer
   * @param waitedNanos how long the agent held it of that
   */
  default void served(CallInfo call, long nanos, long waitedNanos) {}

  /** A recognised call that the agent let through without looking after it. */
  default void bypassed(BypassReason reason) {}

  /** Something inside the agent failed; the call went on without it. */
  default void fault(String component, Throwable fault) {}

  /** Whether a figure was worked out before sending or reported; the {@code kind} tag. */
  enum TokenKind {
    ESTIMATED,
    ACTUAL
  }

  /** What tokens are for; the {@code type} tag of {@code paceline.tokens}. */
  enum TokenType {
    INPUT,
    OUTPUT,
    CACHED
  }

  /** Who said that a limit was hit; the {@code source} tag. */
  enum Source {
    UPSTREAM,
    LOCAL
  }

  /** How enforcing would have spared the application an answer; the {@code by} tag. */
  enum Remedy {
    /** The call would have been held until there was room. */
    PACING,
    /** It would have been sent again after a wait. */
    RETRY
  }

  /** Why a call was held; the {@code reason} tag of {@code paceline.wait}. */
  enum WaitReason {
    PACING,
    RETRY_AFTER,
    BACKOFF
  }

  /** Why an attempt was repeated; the {@code reason} tag of {@code paceline.retries}. */
  enum RetryReason {
    RATE_LIMITED("429"),
    OVERLOADED("529"),
    SERVER_ERROR("5xx"),
    NOT_SENT("io");

    private final String tag;

    RetryReason(String tag) {
      this.tag = tag;
    }

    /** The value of the tag. */
    public String tag() {
      return tag;
    }
  }

  /** Why the agent stopped trying; the {@code reason} tag of {@code paceline.give.ups}. */
  enum GiveUpReason {
    ATTEMPTS,
    DEADLINE,
    QUEUE_FULL,
    QUOTA,
    NOT_REPLAYABLE,
    /**
     * The answer was recorded earlier: a continuation of a call that was given up (rule 6 of the
     * design).
     */
    CONTINUATION,
    /** The agent was switched off, or the JVM shuts down. */
    RELEASED
  }

  /** Why a recognised call was let through; the {@code reason} tag of {@code paceline.bypassed}. */
  enum BypassReason {
    /** The agent, or the rule for the call, is switched off. */
    DISABLED,
    /** The agent failed at this call, or so often that it passes all of them. */
    FAULTS
  }

  /** What the application saw; the {@code outcome} tag of {@code paceline.calls}. */
  enum Outcome {
    SUCCESS,
    CLIENT_ERROR,
    SERVER_ERROR,
    RATE_LIMITED,
    GAVE_UP,
    CANCELLED,
    IO_ERROR
  }
}
