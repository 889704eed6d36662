package dev.paceline.provider.header;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.ErrorFacts;
import dev.paceline.words.Headers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer says to wait: the largest of all hints in headers and body. Several hints of
 * one answer disagree in practice ({@code retry-after-ms: 0} beside {@code retry-after: 1}), and
 * only the largest is safe to believe.
 */
public final class Hints {
  private static final String[] BEFORE_DURATION = {
    "try again in ",
    "try again after ",
    "retry in ",
    "retry after ",
    "retry again in ",
    "retry again after ",
    "please wait ",
    "wait for ",
    "wait at least ",
    "reset after ",
    "reset in ",
    "resets in ",
    "resets after ",
    "available in ",
    "retry-after: ",
    "again in about ",
    "again in ",
    "请在",
    "请在 "
  };
  private static final String[] BEFORE_INSTANT = {
    "resets at: ",
    "resets at ",
    "resets on ",
    "resets ",
    "reset at: ",
    "reset at ",
    "reset on ",
    "regain access on ",
    "regain access at ",
    "again at ",
    "again on ",
    "again after ",
    "retry after ",
    "available at ",
    "allowed at ",
    "until ",
    "将于",
    "将在"
  };
  private static final int MAX_MATCHES = 50;

  private Hints() {}

  /**
   * Milliseconds; {@link Durations#NONE} when the answer says nothing that can be believed.
   *
   * @param refusalMillis what the limit headers say ({@link LimitHeaders#refusal})
   */
  public static long largest(
      @Nullable Provider provider,
      Headers headers,
      ErrorFacts facts,
      long refusalMillis,
      long nowMillis) {
    long date = date(headers);
    long wait = Math.max(facts.hintMillis(), prose(facts.lower()));
    wait = Math.max(wait, refusalMillis);
    if (date != Durations.NONE) {
      // A moment named in the body is of the provider's clock. Without the answer's own date there
      // is nothing to measure it by.
      wait = Math.max(wait, until(proseInstant(facts.lower()), date));
      wait = Math.max(wait, until(facts.resetAtMillis(), date));
    }
    long clock = date == Durations.NONE ? nowMillis : date;
    for (Map.Entry<String, List<String>> header : headers.all().entrySet()) {
      String name = header.getKey();
      // LiteLLM re-emits what the upstream said.
      int from = name.regionMatches(true, 0, "llm_provider-", 0, 13) ? 13 : 0;
      for (String value : header.getValue()) {
        wait = Math.max(wait, header(provider, name, from, value, clock));
      }
    }
    return wait;
  }

  private static long header(
      @Nullable Provider provider, String name, int from, @Nullable String value, long clock) {
    if (value == null) {
      return Durations.NONE;
    }
    if (is(name, from, "retry-after-ms") || is(name, from, "x-ms-retry-after-ms")) {
      return Durations.plain(value, 1);
    }
    if (is(name, from, "retry-after")) {
      long wait = Durations.duration(value);
      return wait != Durations.NONE ? wait : until(Durations.instant(value), clock);
    }
    if (is(name, from, "x-ratelimit-timeremaining")) {
      return Durations.plain(value, 1_000);
    }
    if (is(name, from, "x-ratelimit-reset")
        && provider != null
        && provider.limits().resetIsWait()) {
      return Durations.plain(value, 1_000);
    }
    return Durations.NONE;
  }

  static long date(Headers headers) {
    String date = headers.first("date");
    return date == null ? Durations.NONE : Durations.instant(date);
  }

  private static long prose(String lower) {
    long wait = Durations.NONE;
    for (String words : BEFORE_DURATION) {
      int at = lower.indexOf(words);
      for (int i = 0; at >= 0 && i < MAX_MATCHES; i++) {
        wait = Math.max(wait, Durations.prose(lower, at + words.length()));
        at = lower.indexOf(words, at + words.length());
      }
    }
    return wait;
  }

  private static long proseInstant(String lower) {
    for (String words : BEFORE_INSTANT) {
      int at = lower.indexOf(words);
      for (int i = 0; at >= 0 && i < MAX_MATCHES; i++) {
        long instant = Moments.at(lower, at + words.length());
        if (instant != Durations.NONE) {
          return instant;
        }
        at = lower.indexOf(words, at + words.length());
      }
    }
    return Durations.NONE;
  }

  private static long until(long instant, long clock) {
    return instant == Durations.NONE || instant < clock
        ? Durations.NONE
        : Durations.bounded(instant - clock);
  }

  private static boolean is(String name, int from, String wanted) {
    return name.length() - from == wanted.length()
        && name.regionMatches(true, from, wanted, 0, wanted.length());
  }
}
