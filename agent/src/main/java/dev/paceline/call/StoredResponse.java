package dev.paceline.call;

import dev.paceline.provider.LocalLimit;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.ProviderResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Answers that are kept: what they weigh, and the copy that outlives its call. */
final class StoredResponse {
  /** The objects of one header: two strings, their arrays, an entry, a list. */
  private static final int HEADER_BYTES = 160;

  private static final int ANSWER_BYTES = 128;

  /**
   * What a client needs to read an answer again and to wait as it asks. Nothing that names who
   * asked: no cookie, request id, organisation or project.
   */
  private static final Set<String> KEPT =
      Set.of("content-type", "content-encoding", "x-should-retry", "x-amzn-errortype");

  private StoredResponse() {}

  /** Bytes of heap that an answer keeps alive; about. */
  static long bytes(ProviderResponse answer) {
    long sum = ANSWER_BYTES + answer.body().length;
    for (Map.Entry<String, List<String>> header : answer.headers().all().entrySet()) {
      for (String value : header.getValue()) {
        sum += HEADER_BYTES + header.getKey().length() + value.length();
      }
    }
    return sum;
  }

  /**
   * A copy that holds nothing of the application or its client, is cut to what is needed and says
   * that it was not sent by the provider this time.
   */
  static ProviderResponse recorded(ProviderResponse answer) {
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    answer
        .headers()
        .all()
        .forEach(
            (name, values) -> {
              if (isKept(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, List.copyOf(values));
              }
            });
    headers.put(LocalLimit.MARKER, List.of("local"));
    return new ProviderResponse(
        answer.status(), new MapHeaders(headers), answer.body(), answer.complete());
  }

  private static boolean isKept(String name) {
    return KEPT.contains(name)
        || name.startsWith("retry-after")
        || name.contains("ratelimit")
        || name.contains("rate-limit");
  }

  /**
   * The answer as it would be said now: what is left of the wait that it asks for, at least one
   * unit. A date is a date, and the body stays the provider's.
   *
   * @param nanos since it was kept
   */
  static ProviderResponse aged(ProviderResponse answer, long nanos) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(answer.headers().all());
    headers.computeIfPresent("retry-after", (name, said) -> left(said, nanos / 1_000_000_000));
    headers.computeIfPresent("retry-after-ms", (name, said) -> left(said, nanos / 1_000_000));
    return new ProviderResponse(
        answer.status(), new MapHeaders(headers), answer.body(), answer.complete());
  }

  private static List<String> left(List<String> said, long passed) {
    try {
      return List.of(Long.toString(Math.max(1, Long.parseLong(said.get(0).trim()) - passed)));
    } catch (NumberFormatException aDate) {
      return said;
    }
  }
}
