package dev.paceline.call;

import dev.paceline.words.ProviderResponse;

/** What an adapter does next with a call. */
public sealed interface Step {
  /** Send the request now: the same bytes and headers as every other attempt. */
  record Send() implements Step {}

  /** Hold the call until the ticket is ready, then ask {@link CallExecution#resumed}. */
  record Wait(Ticket ticket) implements Step {}

  /**
   * The call ends without having been sent, as the client ends one that was cancelled: the JVM
   * shuts down.
   */
  record Cancel() implements Step {}

  /**
   * Hand what is in hand to the application: the answer just judged, or the exception just
   * reported.
   *
   * @param stopSdk put {@code x-should-retry: false} on the answer, so that an SDK above does not
   *     start over (rule 6 of the design)
   */
  record Deliver(boolean stopSdk) implements Step {}

  /**
   * Hand out an answer that was received earlier instead of what is in hand (if anything is): the
   * kept one of this call, or the recorded one of the call that this one continues. Nothing goes
   * onto the wire.
   *
   * @param stopSdk as for {@link Deliver}
   */
  record Replay(ProviderResponse answer, boolean stopSdk) implements Step {}
}
