package dev.paceline.provider;

import dev.paceline.words.Answer;
import dev.paceline.words.Headers;
import dev.paceline.words.Judgement;
import dev.paceline.words.Judgement.Kind;
import dev.paceline.words.Limit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says what an answer means and which limit was hit. Structure is read before words: the provider's
 * own codes, Google's details, codes that mean the same everywhere, then figures in the text, then
 * its words, then which header stands at zero. It never throws, and its work is bounded by the size
 * of the answer.
 */
public final class Classifier {
  private static final int MAX_SUCCESS_BODY = 2 * 1024;
  private static final String PROVISIONED =
      "the provisioned deployment is full: delivered for the application to fail over";

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
    return ErrorJudge.unlimited(status, Judgement.NO_HINT, false);
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
      return ErrorJudge.decide(
          provider,
          answer.headers(),
          event == null ? reader.facts(status) : reader.node(event).facts(status),
          false,
          now);
    }
    return ErrorJudge.decide(
        provider, answer.headers(), reader.body(body).facts(status), false, now);
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
        : ErrorJudge.decide(
            provider,
            headers,
            new ErrorReader().headers(headers).node(error).facts(statusIn(error)),
            true,
            now);
  }

  /** An error event of a stream that began as a served answer. */
  static Judgement inStream(@Nullable Provider named, Headers headers, Json.Node error, long now) {
    Headers served = new ServedHeaders(headers);
    return ErrorJudge.decide(
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
    return ErrorJudge.decide(
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
}
