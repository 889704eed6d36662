package dev.paceline.provider.error;

import java.util.List;
import java.util.Set;

/**
 * What an error answer says, in one shape for all dialects.
 *
 * @param status HTTP status, or the one that an error inside a 200 names; 0 when that names none
 * @param codes every code, type, status and reason, in lower case
 * @param codeWords the same as normalised words, one sentence a code, with {@code |} between them
 * @param text the messages, normalised and without their usual last sentences
 * @param lower the messages in lower case, otherwise as sent, for durations in prose
 * @param violations {@code google.rpc.QuotaFailure} violations
 * @param zero whether a limit of 0 is named: no wait helps
 * @param google whether the body speaks Google RPC
 * @param html whether the body is a page and not an answer of an API
 * @param hintMillis the largest wait that a field of the body names; {@link
 *     dev.paceline.provider.header.Durations#NONE} when none does
 * @param resetAtMillis epoch milliseconds of a reset that a field of the body names; {@link
 *     dev.paceline.provider.header.Durations#NONE} when none does
 */
public record ErrorFacts(
    int status,
    Set<String> codes,
    String codeWords,
    String text,
    String lower,
    List<Violation> violations,
    boolean zero,
    boolean google,
    boolean html,
    long hintMillis,
    long resetAtMillis) {

  /**
   * A quota that was exceeded, as Google names it.
   *
   * @param words id, else metric or description, normalised
   * @param zero whether the quota is 0: the model is not part of the plan
   */
  public record Violation(String words, boolean zero) {}
}
