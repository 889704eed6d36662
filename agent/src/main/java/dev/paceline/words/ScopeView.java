package dev.paceline.words;

import java.util.List;

/**
 * How a scope stands at an instant, for a person or a dashboard to read.
 *
 * @param provider provider id
 * @param owner owner of the limit as in {@link Scope}; never a credential
 * @param model the model's name as sent, so untrusted
 * @param gateClosedMillis for how long the gate stays closed, in milliseconds; 0 when it is open
 * @param waiting calls held by the scope
 * @param oldestWaitMillis how long the oldest of them has been held, in milliseconds; 0 when none
 *     is
 * @param binding the limit that holds calls back, or would first
 * @param inFlight attempts whose answers are not read to the end
 * @param requests attempts that this process has sent since the budget was made; only grows
 * @param tokens tokens that they were charged; only grows
 * @param limits every announced limit
 */
public record ScopeView(
    String provider,
    String owner,
    String model,
    long gateClosedMillis,
    int waiting,
    long oldestWaitMillis,
    Limit binding,
    int inFlight,
    long requests,
    long tokens,
    List<LimitView> limits) {
  public ScopeView {
    limits = List.copyOf(limits);
  }
}
