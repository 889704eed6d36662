package dev.paceline.call;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Limit;

/**
 * Follows one call, on whatever threads take it on, one at a time. May throw (the caller has a
 * barrier), must not block.
 */
public interface CallTrace {
  /** Follows nothing. */
  CallTrace NONE = new CallTrace() {};

  /** The call was held. */
  default void waited(Limit limit, WaitReason reason, long nanos) {}

  /**
   * The call is about to be sent again.
   *
   * @param limit what the last answer was refused for; {@link Limit#UNKNOWN} for none of them
   * @param attempts how many were sent before
   */
  default void retried(RetryReason reason, Limit limit, int attempts) {}

  /**
   * The attempt that was sent within {@link #sending} is over.
   *
   * @param attempts how many were sent, this one included
   * @param status the answer's; 0: there was none
   */
  default void attempted(int attempts, int status) {}

  /**
   * The call has its end; nothing but what its body says follows.
   *
   * @param attempts how many were sent
   */
  default void ended(Outcome outcome, int attempts) {}

  /**
   * A priced call leaves for the first time.
   *
   * @param input estimated tokens of the prompt
   * @param output tokens set aside for the answer, 0 when nothing is known
   */
  default void estimated(long input, long output) {}

  /** An answer's body will be looked at; followed by one {@link #bodyEnded}. */
  default void bodyBegins() {}

  /**
   * The provider has said what the call did cost. As {@link #bodyEnded}, it may come after {@link
   * #ended} and on another thread.
   *
   * @param input tokens of the whole prompt, cache included
   * @param cached tokens of those that came from the provider's cache
   * @param output tokens that were produced
   */
  default void used(long input, long cached, long output) {}

  /** The body was read to its end, closed or broken off. */
  default void bodyEnded() {}

  /**
   * What the calling thread sends until the result is closed, on the same thread, belongs to the
   * call.
   */
  default Sending sending() {
    return Sending.NONE;
  }

  /** One attempt on its thread. */
  interface Sending extends AutoCloseable {
    /** Ends nothing. */
    Sending NONE =
        new Sending() {
          @Override
          public void close() {}
        };

    @Override
    void close();
  }
}
