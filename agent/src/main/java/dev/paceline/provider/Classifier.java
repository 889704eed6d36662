package dev.paceline.provider;

import dev.paceline.words.Answer;
import dev.paceline.words.Headers;
import dev.paceline.words.Judgement;
import dev.paceline.words.Judgement.Kind;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what an answer means and which limit was hit. Structure is read before words: the provider's
 * own codes, Google's details, codes that mean the same everywhere, then what the text names, then
 * which header stands at zero. It never throws, and its work is bounded by the size of the answer.
 */
public final class Classifier {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int MAX_SUCCESS_BODY = 2 * 1024;
  private static final String PROVISIONED =
      "the provisioned deployment is full: delivered for the application to fail over";
  private static final Set<Meaning> LIMITS =
      EnumSet.of(
          Meaning.RPM,
          Meaning.TPM,
          Meaning.ITPM,
          Meaning.OTPM,
          Meaning.RPD,
          Meaning.TPD,
          Meaning.CONCURRENCY,
          Meaning.CAPACITY,
          Meaning.REQUESTS_LIKELY,
          Meaning.LIMITED);

  /**
   * What an answer means.
   *
   * @param provider id or alias of who answered; empty, {@code auto} or a name that is not known:
   *     any dialect
   * @param nowEpochMillis the time, for a date in {@code Retry-After} when the answer carries no
   *     date of its own
   */
  public Judgement judge(String provider, Answer answer, long nowEpochMillis) {
    return judge(provider, answer, nowEpochMillis, false);
  }

  /**
   * What an answer means.
   *
   * @param provider as for {@link #judge(String, Answer, long)}
   * @param retryProvisioned whether a 429 of a provisioned deployment (Azure PTU) may be retried.
   *     It is a signal on which applications fail over to another deployment, so without this it
   *     counts as forbidden by the provider
   */
  public Judgement judge(
      String provider, Answer answer, long nowEpochMillis, boolean retryProvisioned) {
    try {
      Provider known = Providers.find(provider);
      Judgement judgement = judged(known, answer, nowEpochMillis);
      return isProvisioned(known, answer, judgement)
          ? new Judgement(
              judgement.kind(),
              Limit.CAPACITY,
              judgement.retryable(),
              judgement.waitMillis(),
              !retryProvisioned || judgement.providerForbids(),
              retryProvisioned ? judgement.why() : PROVISIONED)
          : judgement;
    } catch (RuntimeException | StackOverflowError e) {
      // Whatever a server sends must not reach the application as a fault of the agent.
      return byStatus(answer.status());
    }
  }

  /**
   * Whether a served answer may hold an error in its JSON body, so that its body is worth reading
   * before it is handed on. Only in the dialects that have such errors, and only when the answer
   * says itself that it is short: no other 2xx body is ever held back.
   *
   * @param contentType as sent; empty when absent
   * @param declaredLength {@code Content-Length}; negative when absent
   */
  public boolean mayHideError(
      String provider, int status, String contentType, long declaredLength) {
    if (status < 200
        || status >= 300
        || declaredLength <= 0
        || declaredLength > MAX_SUCCESS_BODY
        || !isJson(contentType)) {
      return false;
    }
    Provider known = Providers.find(provider);
    return known != null && known.errorsInsideSuccess() && !known.id().equals("generic");
  }

  private static boolean isJson(String contentType) {
    int end = contentType.indexOf(';');
    String type =
        (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json") || type.equals("text/json");
  }

  /** A provisioned deployment says how much of it is in use, and on a 429 that it is all of it. */
  private static boolean isProvisioned(
      @Nullable Provider provider, Answer answer, Judgement judgement) {
    return answer.status() == 429
        && judgement.kind() == Kind.LIMITED
        && judgement.limit() != Limit.QUOTA
        && (provider == null
            || provider.id().equals("azure-openai")
            || provider.id().equals("generic"))
        && answer.headers().first("azure-openai-deployment-utilization") != null;
  }

  private static Judgement byStatus(int status) {
    if (status < 400) {
      return new Judgement(Kind.SERVED, null, false, Judgement.NO_HINT, false, "served");
    }
    if (status == 429 || status == 529) {
      return new Judgement(
          Kind.LIMITED,
          status == 529 ? Limit.CAPACITY : Limit.UNKNOWN,
          true,
          Judgement.NO_HINT,
          false,
          "status " + status);
    }
    if (status == 402) {
      return new Judgement(
          Kind.LIMITED,
          Limit.QUOTA,
          false,
          Judgement.NO_HINT,
          false,
          "status 402: payment required");
    }
    return unlimited(status, Judgement.NO_HINT, false);
  }

  static Judgement judged(@Nullable Provider named, Answer answer, long now) {
    Provider provider = notGeneric(named);
    int status = answer.status();
    if (status < 400) {
      return success(provider, answer, now);
    }
    ErrorReader reader = new ErrorReader().headers(answer.headers());
    byte[] body =
        answer.complete() || answer.body().length < Bodies.MAX_BODY
            ? Bodies.readable(answer)
            : new byte[0];
    if (Events.starts(body, 0, body.length, "data:")
        || Events.starts(body, 0, body.length, "event:")) {
      Json.Node event = Events.error(body);
      return decide(
          provider,
          answer.headers(),
          event == null ? reader.facts(status) : reader.node(event).facts(status),
          false,
          now);
    }
    return decide(provider, answer.headers(), reader.body(body).facts(status), false, now);
  }

  /**
   * A 200 may be an error: in some dialects as a short JSON body, in most as an event of a stream.
   */
  private static Judgement success(@Nullable Provider provider, Answer answer, long now) {
    Headers headers = answer.headers();
    byte[] body = answer.body();
    String type = headers.first("content-type");
    if (body.length == 0 || answer.status() < 200 || answer.status() >= 300) {
      return byStatus(200);
    }
    if (type != null && type.startsWith("application/vnd.amazon.eventstream")) {
      String exception = Events.awsException(body);
      if (exception == null) {
        return byStatus(200);
      }
      return inStream(provider, headers, exception, Events.awsPayload(body), now);
    }
    byte[] text = Bodies.readable(answer);
    boolean stream =
        (type != null && (type.contains("event-stream") || type.contains("ndjson")))
            || Events.starts(text, 0, text.length, "data:")
            || Events.starts(text, 0, text.length, "event:");
    Json.Node error = stream ? Events.error(text) : inShortBody(provider, answer, text);
    if (error == null) {
      return byStatus(200);
    }
    return stream
        ? inStream(provider, headers, error, now)
        : decide(
            provider,
            headers,
            new ErrorReader().headers(headers).node(error).facts(statusIn(error)),
            true,
            now);
  }

  /** An error event of a stream that began as a served answer. */
  static Judgement inStream(@Nullable Provider named, Headers headers, Json.Node error, long now) {
    Headers served = new ServedHeaders(headers);
    return decide(
        notGeneric(named), served, new ErrorReader().node(error).facts(statusIn(error)), true, now);
  }

  /** An exception frame of AWS's event stream. */
  static Judgement inStream(
      @Nullable Provider named,
      Headers headers,
      String exception,
      Json.@Nullable Node payload,
      long now) {
    ErrorReader reader = new ErrorReader().exception(exception);
    return decide(
        notGeneric(named),
        new ServedHeaders(headers),
        (payload == null ? reader : reader.node(payload)).facts(0),
        true,
        now);
  }

  private static @Nullable Provider notGeneric(@Nullable Provider named) {
    return named != null && named.id().equals("generic") ? null : named;
  }

  /**
   * Headers that came before the error and know nothing of it: Anthropic sends {@code retry-after}
   * on served answers. Only the date counts.
   */
  private record ServedHeaders(Headers served) implements Headers {
    @Override
    public @Nullable String first(String name) {
      return name.equals("date") ? served.first(name) : null;
    }

    @Override
    public Map<String, List<String>> all() {
      return Map.of();
    }
  }

  private static Json.@Nullable Node inShortBody(
      @Nullable Provider provider, Answer answer, byte[] text) {
    if ((provider != null && !provider.errorsInsideSuccess())
        || !answer.complete()
        || text.length > MAX_SUCCESS_BODY) {
      return null;
    }
    String declared = answer.headers().first("content-length");
    if (declared != null && Durations.plain(declared, 1) > MAX_SUCCESS_BODY) {
      return null;
    }
    int start = 0;
    while (start < text.length && text[start] <= ' ' && text[start] >= 0) {
      start++;
    }
    if (start == text.length || text[start] != '{') {
      return null;
    }
    Json.Node node = Json.parse(text, start, text.length - start);
    return node == null ? null : Events.errorIn(node, false);
  }

  private static int statusIn(Json.Node error) {
    long code = Durations.plain(error.get("code").text(), 1);
    return code >= 400 && code < 600 ? (int) code : 0;
  }

  private static Judgement decide(
      @Nullable Provider provider, Headers headers, ErrorFacts facts, boolean inside, long now) {
    long wait = Hints.largest(provider == null ? byCodes(facts) : provider, headers, facts, now);
    boolean forbids = forbids(provider, headers, facts);
    int status = facts.status();
    Meaning own = ownMeaning(provider, facts);
    EnumSet<Meaning> meanings = meanings(facts);
    if (own != null) {
      meanings.add(own);
    }
    boolean google =
        facts.google()
            || (provider != null
                && (provider.id().equals("gemini") || provider.id().equals("vertex-ai")));
    boolean mayBeLimit = mayBeLimit(status, meanings, facts, wait);

    if (status == 402
        || own == Meaning.QUOTA
        || (own == null || own.limit() == null)
            && isQuota(meanings, facts, google, headers, mayBeLimit)) {
      return new Judgement(
          Kind.LIMITED, Limit.QUOTA, false, wait, forbids, "quota, credit or plan is used up");
    }
    if (isTooLarge(status, meanings, facts, mayBeLimit)) {
      Limit limit =
          mayBeLimit || status == 413 ? named(facts, own, meanings, provider, headers, now) : null;
      return new Judgement(
          Kind.TOO_LARGE,
          limit == Limit.UNKNOWN ? null : limit,
          false,
          wait,
          forbids,
          "this one request is larger than a limit");
    }
    if (!mayBeLimit) {
      if (inside && status == 0) {
        boolean failed = meanings.contains(Meaning.FAILED);
        return new Judgement(
            failed ? Kind.PERHAPS_PROCESSED : Kind.OTHER_ERROR,
            null,
            failed,
            wait,
            forbids,
            "an error inside a served answer");
      }
      return unlimited(status, wait, forbids);
    }

    if (google && !facts.violations().isEmpty()) {
      return google(facts, wait, forbids);
    }
    Limit limit = named(facts, own, meanings, provider, headers, now);
    boolean day = limit == Limit.RPD || limit == Limit.TPD;
    // Google's days end at midnight, whatever the delay beside them says; elsewhere a day's bucket
    // refills drop by drop.
    boolean retryable =
        day ? !google && wait != Judgement.NO_HINT && wait <= HOUR_MILLIS : wait <= HOUR_MILLIS;
    return new Judgement(
        Kind.LIMITED, limit, retryable, wait, forbids, "limit hit: " + limit.tag());
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

  private static Judgement unlimited(int status, long wait, boolean forbids) {
    switch (status) {
      case 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530 -> {
        return new Judgement(
            Kind.PERHAPS_PROCESSED,
            null,
            true,
            wait,
            forbids,
            "status " + status + ": perhaps processed");
      }
      case 413 -> {
        return new Judgement(Kind.TOO_LARGE, null, false, wait, forbids, "status 413");
      }
      default -> {
        return new Judgement(Kind.OTHER_ERROR, null, false, wait, forbids, "status " + status);
      }
    }
  }

  private static boolean mayBeLimit(
      int status, EnumSet<Meaning> meanings, ErrorFacts facts, long wait) {
    switch (status) {
      case 402, 429, 498, 529 -> {
        return true;
      }
      case 503 -> {
        return wait != Judgement.NO_HINT || isOverloadSignature(meanings, facts);
      }
      case 0 -> {
        return intersects(meanings)
            || meanings.contains(Meaning.TOKENS)
            || meanings.contains(Meaning.REQUESTS)
            || speaksOfLimit(facts);
      }
      case 403, 500, 502, 520 -> {
        return aCodeNamesALimit(facts) || LimitWords.signature(facts.text());
      }
      case 400 -> {
        return aCodeNamesALimit(facts);
      }
      default -> {
        return false;
      }
    }
  }

  private static boolean isOverloadSignature(EnumSet<Meaning> meanings, ErrorFacts facts) {
    return intersects(meanings)
        || facts.codes().contains("unavailable")
        || speaksOfLimit(facts)
        // nginx answers its own limits with this page; what it forwards has another body.
        || (facts.html()
            && (facts.text().contains("nginx") || facts.text().contains("openresty"))
            && facts.text().contains("503 service temporarily unavailable"));
  }

  private static boolean speaksOfLimit(ErrorFacts facts) {
    String text = facts.text();
    return LimitWords.concurrency(text)
        || LimitWords.overload(text)
        || text.contains("rate limit")
        || text.contains("too many requests")
        || text.contains("limit exceeded");
  }

  private static boolean intersects(EnumSet<Meaning> meanings) {
    for (Meaning meaning : LIMITS) {
      if (meanings.contains(meaning)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isQuota(
      EnumSet<Meaning> meanings,
      ErrorFacts facts,
      boolean google,
      Headers headers,
      boolean mayBeLimit) {
    if (meanings.contains(Meaning.QUOTA) || LimitWords.quota(facts.text())) {
      return true;
    }
    // Google says so on every ordinary limit of a minute.
    if (!google && facts.text().contains("exceeded your current quota")) {
      return true;
    }
    String unified = mayBeLimit ? headers.first("anthropic-ratelimit-unified-status") : null;
    return unified != null && unified.trim().equalsIgnoreCase("rejected");
  }

  private static boolean isTooLarge(
      int status, EnumSet<Meaning> meanings, ErrorFacts facts, boolean mayBeLimit) {
    String text = facts.text();
    if (status == 413
        || meanings.contains(Meaning.TOO_LARGE)
        || text.contains("request too large")
        || LimitWords.requestedMoreThanLimit(text)) {
      return true;
    }
    return !mayBeLimit
        && status < 500
        && (LimitWords.tooLarge(text)
            || LimitWords.tooLarge(facts.codeWords())
            || text.contains("too many tokens"));
  }

  private static Judgement google(ErrorFacts facts, long wait, boolean forbids) {
    Limit minute = null;
    Limit day = null;
    boolean zero = false;
    for (ErrorFacts.Violation violation : facts.violations()) {
      LimitWords.Window window = LimitWords.window(violation.words());
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
      zero |= violation.zero();
    }
    Limit limit = day != null ? day : minute != null ? minute : Limit.UNKNOWN;
    boolean retryable = day == null && !zero && wait <= HOUR_MILLIS;
    return new Judgement(
        Kind.LIMITED,
        limit,
        retryable,
        wait,
        forbids,
        zero ? "the model is not part of the plan" : "limit hit: " + limit.tag());
  }

  /**
   * The order in which a limit is looked for: codes, a day in words, requests in flight, overload,
   * tokens before requests, headers.
   */
  private static Limit named(
      ErrorFacts facts,
      @Nullable Meaning own,
      EnumSet<Meaning> meanings,
      @Nullable Provider provider,
      Headers headers,
      long now) {
    if (own != null && own.limit() != null) {
      return own.limit();
    }
    for (Meaning meaning : meanings) {
      Limit limit = meaning.limit();
      if (limit != null) {
        return limit;
      }
    }
    LimitWords.Window code = LimitWords.window(facts.codeWords());
    if (code != null && code.limit() != null) {
      return code.limit();
    }
    String text = facts.html() ? "" : facts.text();
    LimitWords.Window window = LimitWords.window(text);
    boolean day = (window != null && window.day()) || (code != null && code.day());
    if (day && window != null && window.limit() != null) {
      return window.limit();
    }
    if (!day && (LimitWords.concurrency(text) || LimitWords.concurrency(facts.codeWords()))) {
      return Limit.CONCURRENCY;
    }
    if (!day && isOverload(facts)) {
      return Limit.CAPACITY;
    }
    if (window != null && window.limit() != null) {
      return window.limit();
    }
    if (meanings.contains(Meaning.TOKENS)) {
      return day ? Limit.TPD : Limit.TPM;
    }
    if (meanings.contains(Meaning.REQUESTS)) {
      return day ? Limit.RPD : Limit.RPM;
    }
    Limit loose = LimitWords.loose(text, day);
    loose = loose == null ? LimitWords.loose(facts.codeWords(), day) : loose;
    if (loose != null) {
      return loose;
    }
    if (text.contains("too many requests") && !text.startsWith("429 too many requests")) {
      return day ? Limit.RPD : Limit.RPM;
    }
    if (window != null || code != null) {
      return day ? Limit.RPD : Limit.RPM;
    }
    for (LimitReading reading :
        LimitHeaders.read(provider == null ? "" : provider.id(), headers, now)) {
      if (reading.remaining() == 0 && reading.limit() != Limit.UNKNOWN) {
        return reading.limit();
      }
    }
    return meanings.contains(Meaning.REQUESTS_LIKELY) ? Limit.RPM : Limit.UNKNOWN;
  }

  private static boolean isOverload(ErrorFacts facts) {
    int status = facts.status();
    return LimitWords.overload(facts.text())
        || LimitWords.overload(facts.codeWords())
        || status == 529
        || status == 503
        || facts.codes().contains("unavailable");
  }

  private static @Nullable Meaning ownMeaning(@Nullable Provider provider, ErrorFacts facts) {
    if (provider == null) {
      return bareNumber(facts);
    }
    for (ErrorRule rule : provider.errors()) {
      if (rule.own() && rule.matches(facts)) {
        return rule.meaning();
      }
    }
    return null;
  }

  /**
   * Nobody else's errors are four digits and no letters, so a number that only one dialect has
   * tells the dialect.
   */
  private static @Nullable Meaning bareNumber(ErrorFacts facts) {
    for (Provider provider : Providers.all()) {
      for (ErrorRule rule : provider.errors()) {
        if (rule.own()
            && rule.code().length() >= 4
            && Character.isDigit(rule.code().charAt(0))
            && rule.matches(facts)) {
          return rule.meaning();
        }
      }
    }
    return null;
  }

  /** Whose reset is a wait: Together's, which its codes tell where nobody has said who answers. */
  private static @Nullable Provider byCodes(ErrorFacts facts) {
    for (Provider provider : Providers.all()) {
      if (provider.limits().resetIsWait()
          && provider.errors().stream()
              .anyMatch(rule -> !rule.code().isEmpty() && rule.matches(facts))) {
        return provider;
      }
    }
    return null;
  }

  private static boolean aCodeNamesALimit(ErrorFacts facts) {
    for (Provider provider : Providers.all()) {
      for (ErrorRule rule : provider.errors()) {
        if (!rule.own()
            && !rule.code().isEmpty()
            && LIMITS.contains(rule.meaning())
            && rule.matches(facts)) {
          return true;
        }
      }
    }
    return false;
  }

  private static EnumSet<Meaning> meanings(ErrorFacts facts) {
    EnumSet<Meaning> meanings = EnumSet.noneOf(Meaning.class);
    for (Provider provider : Providers.all()) {
      List<ErrorRule> rules = provider.errors();
      for (ErrorRule rule : rules) {
        if (!rule.own() && rule.matches(facts)) {
          meanings.add(rule.meaning());
        }
      }
    }
    return meanings;
  }
}
