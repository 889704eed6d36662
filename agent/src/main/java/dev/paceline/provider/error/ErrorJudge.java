package dev.paceline.provider.error;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.ErrorSigns.Named;
import dev.paceline.provider.header.Hints;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the facts of an error mean, in the order that {@link
 * dev.paceline.provider.Classifier} names.
 */
public final class ErrorJudge {
  private static final long HOUR_MILLIS = LimitGrammar.HOUR;

  private ErrorJudge() {}

  /**
   * What an error means.
   *
   * @param inside whether it stood in a served answer
   */
  public static Classification decide(
      @Nullable Provider provider, Headers headers, ErrorFacts facts, boolean inside, long now) {
    Provider waits = provider == null ? ErrorRules.byCodes(facts) : provider;
    int status = facts.status();
    LimitHeaders.Refusal refusal =
        isAmbiguous(status) || status == 413
            ? LimitHeaders.Refusal.NOTHING
            : LimitHeaders.refusal(waits, headers, now);
    long wait = Hints.largest(waits, headers, facts, refusal.waitMillis(), now);
    boolean forbids = forbids(provider, headers, facts);
    ErrorSigns signs = ErrorSigns.of(provider, facts, refusal);
    boolean mayBeLimit = mayBeLimit(status, signs, wait);

    if (status == 402 || signs.isQuota(mayBeLimit, wait) || isPlansWindow(mayBeLimit, headers)) {
      return new Classification(
          Kind.LIMITED, Limit.QUOTA, false, wait, forbids, "quota, credit or plan is used up");
    }
    if (signs.isTooLarge(status, mayBeLimit)) {
      Limit limit = mayBeLimit || status == 413 ? signs.named().limit() : null;
      // Whatever a Retry-After beside it says, no wait makes the request smaller.
      return new Classification(
          Kind.TOO_LARGE,
          limit == Limit.UNKNOWN || limit == Limit.CAPACITY ? null : limit,
          false,
          Classification.NO_HINT,
          forbids,
          "this one request is larger than a limit");
    }
    if (!mayBeLimit) {
      if (inside && status == 0) {
        boolean failed = signs.means(Meaning.FAILED);
        return new Classification(
            failed ? Kind.PERHAPS_PROCESSED : Kind.OTHER_ERROR,
            null,
            failed,
            wait,
            forbids,
            "an error inside a served answer");
      }
      return isAmbiguous(status) && saysLimit(signs)
          ? ambiguous(status, signs, wait, forbids)
          : unlimited(status, wait, forbids);
    }

    boolean google = signs.google() && !facts.violations().isEmpty();
    Named named = google ? signs.violated() : signs.named();
    if (signs.zero()) {
      return new Classification(
          Kind.LIMITED,
          named.limit(),
          false,
          wait,
          forbids,
          "a limit of 0: the model is not part of the plan");
    }
    // Google's days end at midnight, whatever the delay beside them says; elsewhere a day's bucket
    // refills drop by drop.
    boolean retryable =
        named.day()
            ? !signs.google() && wait != Classification.NO_HINT && wait <= HOUR_MILLIS
            : wait <= HOUR_MILLIS;
    return new Classification(
        Kind.LIMITED, named.limit(), retryable, wait, forbids, "limit hit: " + named.limit().tag());
  }

  /**
   * A gateway's 500 around an upstream's 429 or 503 may have been processed all the same: the limit
   * that its text names is told, and nothing more is believed of it.
   */
  private static Classification ambiguous(
      int status, ErrorSigns signs, long wait, boolean forbids) {
    Limit limit = signs.named().limit();
    return new Classification(
        Kind.PERHAPS_PROCESSED,
        limit == Limit.UNKNOWN ? null : limit,
        true,
        wait,
        forbids,
        "status " + status + " around a limit: perhaps processed");
  }

  private static boolean saysLimit(ErrorSigns signs) {
    return !signs.facts().html()
        && (signs.namesALimit()
            || signs.speaksOfLimit()
            || signs.facts().codes().contains("unavailable")
            || LimitWords.signature(signs.facts().text()));
  }

  /** The subscription headers tell a plan's window from an API's limit. */
  private static boolean isPlansWindow(boolean mayBeLimit, Headers headers) {
    String unified = mayBeLimit ? headers.first("anthropic-ratelimit-unified-status") : null;
    return unified != null && unified.trim().equalsIgnoreCase("rejected");
  }

  /** Elsewhere {@code x-should-retry: false} is meant. */
  private static boolean forbids(@Nullable Provider provider, Headers headers, ErrorFacts facts) {
    String should = headers.first("x-should-retry");
    if (should == null || !should.trim().equalsIgnoreCase("false")) {
      return false;
    }
    boolean queued = facts.codes().contains("queue_exceeded");
    return !(queued && (provider == null || provider.ignoresShouldRetryWhenQueued()));
  }

  private static boolean isAmbiguous(int status) {
    return switch (status) {
      case 500, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530 -> true;
      default -> false;
    };
  }

  public static Classification unlimited(int status, long wait, boolean forbids) {
    if (isAmbiguous(status) || status == 503) {
      return new Classification(
          Kind.PERHAPS_PROCESSED,
          null,
          true,
          wait,
          forbids,
          "status " + status + ": perhaps processed");
    }
    return status == 413
        ? new Classification(
            Kind.TOO_LARGE, null, false, Classification.NO_HINT, forbids, "status 413")
        : new Classification(Kind.OTHER_ERROR, null, false, wait, forbids, "status " + status);
  }

  private static boolean mayBeLimit(int status, ErrorSigns signs, long wait) {
    switch (status) {
      case 402, 429, 498, 529 -> {
        return true;
      }
      case 503 -> {
        return wait != Classification.NO_HINT || isOverloadSignature(signs);
      }
      case 0 -> {
        return signs.namesALimit() || signs.speaksOfLimit();
      }
      case 403 -> {
        return ErrorRules.intersects(signs.codes()) || LimitWords.signature(signs.facts().text());
      }
      case 400 -> {
        return ErrorRules.intersects(signs.codes());
      }
      default -> {
        return false;
      }
    }
  }

  private static boolean isOverloadSignature(ErrorSigns signs) {
    ErrorFacts facts = signs.facts();
    return ErrorRules.intersects(signs.codes())
        || ErrorRules.intersects(signs.phrases())
        || facts.codes().contains("unavailable")
        || signs.speaksOfLimit()
        // nginx answers its own limits with this page; what it forwards has another body.
        || (facts.html()
            && (facts.text().contains("nginx") || facts.text().contains("openresty"))
            && facts.text().contains("503 service temporarily unavailable"));
  }
}
