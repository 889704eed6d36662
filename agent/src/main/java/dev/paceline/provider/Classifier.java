package dev.paceline.provider;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.error.ErrorEvents;
import dev.paceline.provider.error.ErrorJudge;
import dev.paceline.provider.error.ErrorReader;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.provider.error.ReadableBody;
import dev.paceline.provider.header.Durations;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
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
  public Classification judge(String provider, ProviderResponse answer, long nowEpochMillis) {
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
  public Classification judge(
      String provider, ProviderResponse answer, long nowEpochMillis, boolean retryProvisioned) {
    try {
      Provider known = Providers.find(provider);
      Classification judgement = judged(known, answer, nowEpochMillis);
      return isProvisioned(known, answer, judgement)
          ? new Classification(
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
      @Nullable Provider provider, ProviderResponse answer, Classification judgement) {
    return answer.status() == 429
        && judgement.kind() == Kind.LIMITED
        && judgement.limit() != Limit.QUOTA
        && (provider == null
            || provider.id().equals("azure-openai")
            || provider.id().equals("generic"))
        && answer.headers().first("azure-openai-deployment-utilization") != null;
  }

  private static Classification byStatus(int status) {
    if (status < 400) {
      return new Classification(Kind.SERVED, null, false, Classification.NO_HINT, false, "served");
    }
    if (status == 429 || status == 529) {
      return new Classification(
          Kind.LIMITED,
          status == 529 ? Limit.CAPACITY : Limit.UNKNOWN,
          true,
          Classification.NO_HINT,
          false,
          "status " + status);
    }
    if (status == 402) {
      return new Classification(
          Kind.LIMITED,
          Limit.QUOTA,
          false,
          Classification.NO_HINT,
          false,
          "status 402: payment required");
    }
    return ErrorJudge.unlimited(status, Classification.NO_HINT, false);
  }

  static Classification judged(@Nullable Provider named, ProviderResponse answer, long now) {
    Provider provider = notGeneric(named);
    int status = answer.status();
    if (status < 400) {
      return success(provider, answer, now);
    }
    ErrorReader reader = new ErrorReader().headers(answer.headers());
    byte[] body =
        answer.complete() || answer.body().length < ReadableBody.MAX_BODY
            ? ReadableBody.readable(answer)
            : new byte[0];
    if (ErrorEvents.starts(body, 0, body.length, "data:")
        || ErrorEvents.starts(body, 0, body.length, "event:")) {
      LenientJson.Node event = ErrorEvents.error(body);
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
  private static Classification success(
      @Nullable Provider provider, ProviderResponse answer, long now) {
    Headers headers = answer.headers();
    byte[] body = answer.body();
    String type = headers.first("content-type");
    if (body.length == 0 || answer.status() < 200 || answer.status() >= 300) {
      return byStatus(200);
    }
    if (type != null && type.startsWith("application/vnd.amazon.eventstream")) {
      String exception = ErrorEvents.awsException(body);
      if (exception == null) {
        return byStatus(200);
      }
      return inStream(provider, headers, exception, ErrorEvents.awsPayload(body), now);
    }
    byte[] text = ReadableBody.readable(answer);
    boolean stream =
        (type != null && (type.contains("event-stream") || type.contains("ndjson")))
            || ErrorEvents.starts(text, 0, text.length, "data:")
            || ErrorEvents.starts(text, 0, text.length, "event:");
    LenientJson.Node error = stream ? ErrorEvents.error(text) : inShortBody(provider, answer, text);
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
  public static Classification inStream(
      @Nullable Provider named, Headers headers, LenientJson.Node error, long now) {
    Headers served = new ServedHeaders(headers);
    return ErrorJudge.decide(
        notGeneric(named), served, new ErrorReader().node(error).facts(statusIn(error)), true, now);
  }

  /** An exception frame of AWS's event stream. */
  public static Classification inStream(
      @Nullable Provider named,
      Headers headers,
      String exception,
      LenientJson.@Nullable Node payload,
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

  private static LenientJson.@Nullable Node inShortBody(
      @Nullable Provider provider, ProviderResponse answer, byte[] text) {
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
    LenientJson.Node node = LenientJson.parse(text, start, text.length - start);
    return node == null ? null : ErrorEvents.errorIn(node, false);
  }

  private static int statusIn(LenientJson.Node error) {
    long code = Durations.plain(error.get("code").text(), 1);
    return code >= 400 && code < 600 ? (int) code : 0;
  }
}
