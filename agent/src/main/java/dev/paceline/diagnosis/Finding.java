package dev.paceline.diagnosis;

import dev.paceline.words.Limit;

/**
 * One thing that is so now, with what to do about it. The same thing has the same {@link #key()}
 * from one diagnosis to the next, whatever its figures.
 *
 * @param owner owner of the limit as in {@link dev.paceline.words.Scope}; empty when the finding is
 *     about all scopes of the model
 * @param model the model's name, safe to print: one line, at most {@value Formats#MOST_NAME}
 *     characters; still to be escaped for HTML
 * @param limit the limit it is about; {@link Limit#UNKNOWN} for none in particular
 * @param sentence what is so; without a full stop
 * @param advice what helps and what does not; without a full stop, empty when nothing needs doing
 */
public record Finding(
    Kind kind,
    Severity severity,
    String provider,
    String owner,
    String model,
    Limit limit,
    String sentence,
    String advice) {

  /** What sort of thing it is. */
  public enum Kind {
    /** Calls fail: by who said no, and why. */
    FAILING,
    /** Plan or money is used up: waiting does not help. */
    QUOTA_EXHAUSTED,
    /** Callers cancel their calls sooner than the queue serves them. */
    CALLER_DEADLINE,
    /** A limit of ours is (nearly) used up, or refuses calls. */
    SATURATED,
    /** The provider refuses although its limits have room. */
    PROVIDER_TROUBLE,
    /** Refused although this process uses next to nothing: others use the key. */
    KEY_SHARED,
    /** SDKs or loops above the agent repeat calls that it has repeated already. */
    SDK_RETRIES,
    /** Whose prompts fill a saturated limit of tokens. */
    PROMPTS,
    /** Calls wait for minutes: work for a batch API. */
    BATCH,
    /** Nothing of the above. */
    ALL_WELL
  }

  /** How much it matters; from what matters most. */
  public enum Severity {
    /** Calls fail, and waiting will not help. */
    CRITICAL,
    /** Calls wait or are refused. */
    WARNING,
    /** Worth knowing. */
    NOTICE,
    /** Nothing to do. */
    FINE
  }

  /** What makes it the same finding as an earlier one. */
  public String key() {
    return kind + "\n" + provider + "\n" + owner + "\n" + model;
  }

  /** The whole as one sentence. */
  public String text() {
    return advice.isEmpty() ? sentence : sentence + "; " + advice;
  }
}
