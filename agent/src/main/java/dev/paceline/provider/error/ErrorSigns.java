package dev.paceline.provider.error;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.LimitFigures.Window;
import dev.paceline.provider.header.Durations;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.words.Limit;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * All that an error says of a limit, each told once.
 *
 * @param own what the answering provider's own rules say
 * @param codes what codes mean whoever sends them
 * @param phrases what phrases mean whoever sends them
 * @param code the window that a code names
 * @param figures the window that the text names
 * @param google whether Google's grammar is spoken
 * @param refused what limit headers say
 */
record ErrorSigns(
    ErrorFacts facts,
    @Nullable Meaning own,
    EnumSet<Meaning> codes,
    EnumSet<Meaning> phrases,
    @Nullable Window code,
    @Nullable Window figures,
    boolean google,
    @Nullable Limit refused) {

  static ErrorSigns of(
      @Nullable Provider provider, ErrorFacts facts, LimitHeaders.Refusal refusal) {
    boolean google =
        facts.google()
            || (provider != null
                && (provider.id().equals("gemini") || provider.id().equals("vertex-ai")));
    return new ErrorSigns(
        facts,
        ErrorRules.own(provider, facts),
        ErrorRules.shared(facts, true),
        ErrorRules.shared(facts, false),
        LimitFigures.window(facts.codeWords()),
        facts.html() ? null : LimitFigures.window(facts.text()),
        google,
        refusal.limit());
  }

  /**
   * A limit and whether waiting for its window is waiting for long.
   *
   * @param day the window is an hour or longer
   */
  record Named(Limit limit, boolean day) {
    static Named of(Limit limit) {
      return new Named(limit, limit == Limit.RPD || limit == Limit.TPD);
    }
  }

  boolean means(Meaning meaning) {
    return own == meaning || codes.contains(meaning) || phrases.contains(meaning);
  }

  boolean namesALimit() {
    return ErrorRules.intersects(codes)
        || ErrorRules.intersects(phrases)
        || (own != null && own != Meaning.FAILED && own != Meaning.TOO_LARGE)
        || means(Meaning.TOKENS)
        || means(Meaning.REQUESTS);
  }

  boolean speaksOfLimit() {
    String text = facts.text();
    return LimitWords.concurrency(text)
        || LimitWords.overload(text)
        || text.contains("rate limit")
        || text.contains("too many requests")
        || text.contains("too many tokens")
        || text.contains("limit exceeded")
        || (figures != null && figures.limit() != null);
  }

  /** Whether plan, credit or money is used up. */
  boolean isQuota(boolean mayBeLimit, long wait) {
    if (own != null && own.limit() != null) {
      return own == Meaning.QUOTA;
    }
    String text = facts.text();
    if (codes.contains(Meaning.QUOTA) || LimitWords.money(text)) {
      return true;
    }
    Window said = figures;
    Limit unit = said == null ? null : said.limit();
    if (said != null && unit != null && !said.day()) {
      return false; // "usage limit of 100,000 tokens per minute"
    }
    boolean counted = unit != null && unit != Limit.UNKNOWN;
    if (phrases.contains(Meaning.QUOTA)) {
      return true;
    }
    // Google says so on every ordinary limit of a minute.
    if (!google && text.contains("exceeded your current quota")) {
      return true;
    }
    if (LimitWords.allowance(text) && !counted && isPlans(wait)) {
      return true;
    }
    boolean codeCounts = code != null && code.limit() != null;
    return mayBeLimit && !counted && !codeCounts && (isPlan(code) || isPlan(figures) || ofCodes());
  }

  /** "API usage limit reached. Try again in 20 seconds." is a rate. */
  private boolean isPlans(long wait) {
    if (figures != null) {
      return figures.day();
    }
    return wait == Durations.NONE || wait > LimitGrammar.HOUR || LimitWords.plan(facts.text());
  }

  private boolean ofCodes() {
    return !ErrorRules.intersects(withoutLimited()) && LimitWords.allowanceCode(facts.codeWords());
  }

  private EnumSet<Meaning> withoutLimited() {
    EnumSet<Meaning> named = EnumSet.copyOf(codes);
    named.remove(Meaning.LIMITED);
    return named;
  }

  private static boolean isPlan(@Nullable Window window) {
    return window != null && window.limit() == null && window.span() == LimitFigures.Span.PLAN;
  }

  boolean isTooLarge(int status, boolean mayBeLimit) {
    String text = facts.text();
    if (status == 413
        || means(Meaning.TOO_LARGE)
        || text.contains("request too large")
        || LimitFigures.requestedMoreThanLimit(text)) {
      return true;
    }
    return !mayBeLimit
        && status < 500
        && (LimitWords.tooLarge(text)
            || LimitWords.tooLarge(facts.codeWords())
            || text.contains("too many tokens"));
  }

  /**
   * The order in which a limit is looked for: codes, figures in the text, requests in flight,
   * overload, tokens before requests, headers.
   */
  Named named() {
    if (own != null && own.limit() != null) {
      return Named.of(own.limit());
    }
    Limit limit = limitOf(codes);
    if (limit != null) {
      return Named.of(limit);
    }
    if (code != null && code.limit() != null) {
      return new Named(code.limit(), code.day());
    }
    boolean day = (figures != null && figures.day()) || (code != null && code.day());
    if (figures != null && figures.limit() != null) {
      return new Named(figures.limit(), figures.day());
    }
    limit = limitOf(phrases);
    if (limit != null) {
      return Named.of(limit);
    }
    Named found = Named.of(inWords(facts.html() ? "" : facts.text(), day));
    return day ? new Named(found.limit(), true) : found;
  }

  private static @Nullable Limit limitOf(EnumSet<Meaning> meanings) {
    for (Meaning meaning : meanings) {
      if (meaning.limit() != null) {
        return meaning.limit();
      }
    }
    return null;
  }

  private Limit inWords(String text, boolean day) {
    if (!day && (LimitWords.concurrency(text) || LimitWords.concurrency(facts.codeWords()))) {
      return Limit.CONCURRENCY;
    }
    if (!day && isOverload()) {
      return Limit.CAPACITY;
    }
    if (means(Meaning.TOKENS)) {
      return day ? Limit.TPD : Limit.TPM;
    }
    if (means(Meaning.REQUESTS)) {
      return day ? Limit.RPD : Limit.RPM;
    }
    Limit loose = LimitWords.loose(text, day);
    loose = loose == null ? LimitWords.ofCode(facts.codeWords(), day) : loose;
    if (loose != null) {
      return loose;
    }
    if (text.contains("too many requests") && !text.startsWith("429 too many requests")) {
      return day ? Limit.RPD : Limit.RPM;
    }
    if (figures != null || code != null) {
      return day ? Limit.RPD : Limit.RPM;
    }
    if (refused != null) {
      return refused;
    }
    return means(Meaning.REQUESTS_LIKELY) ? Limit.RPM : Limit.UNKNOWN;
  }

  private boolean isOverload() {
    int status = facts.status();
    return LimitWords.overload(facts.text())
        || LimitWords.overload(facts.codeWords())
        || status == 529
        || status == 503
        || facts.codes().contains("unavailable");
  }

  /** The limit among Google's violations: a day's before a minute's, tokens before requests. */
  Named violated() {
    Limit minute = null;
    Limit day = null;
    Limit zero = null;
    for (ErrorFacts.Violation violation : facts.violations()) {
      Window window = LimitFigures.window(violation.words());
      boolean isDay = window != null && window.day();
      Limit limit =
          window != null && window.limit() != null
              ? window.limit()
              : LimitWords.loose(violation.words(), isDay);
      limit = limit == null && isDay ? Limit.RPD : limit;
      if (isDay) {
        day = day == null ? limit : day;
      } else if (limit != null && (minute == null || minute == Limit.RPM)) {
        minute = limit;
      }
      zero = violation.zero() && zero == null ? limit : zero;
    }
    if (day != null) {
      return new Named(day, true);
    }
    Limit limit = zero != null ? zero : minute;
    return new Named(limit == null ? Limit.UNKNOWN : limit, false);
  }

  /** Whether a limit of 0 is among them: then no wait helps, whatever the others say. */
  boolean zero() {
    for (ErrorFacts.Violation violation : facts.violations()) {
      if (violation.zero()) {
        return true;
      }
    }
    return facts.zero();
  }
}
