package dev.paceline.provider;

import dev.paceline.provider.header.Durations;
import dev.paceline.words.Headers;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Until when a signed request may be sent. All attempts carry identical bytes and headers, so a
 * request that was signed for a moment can be repeated only as long as its signature holds; after
 * that the provider would answer 403 instead of what it thinks of the request.
 */
public final class Signatures {
  /** The request is not signed, or its signature does not end. */
  public static final long ALWAYS = Long.MAX_VALUE;

  /** AWS refuses a request that is signed more than five minutes off its own clock. */
  private static final long AWS_MILLIS = 5 * 60_000;

  private static final DateTimeFormatter AWS_DATE =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

  private Signatures() {}

  /**
   * The last moment at which the request may be sent, in epoch milliseconds; {@link #ALWAYS} when
   * it is not signed. Reads AWS's Signature Version 4 ({@code X-Amz-Date}, else {@code Date}, and
   * five minutes) and Baidu's {@code bce-auth-v1} (which names its own period).
   */
  public static long signatureValidUntilEpochMillis(Headers requestHeaders) {
    String authorization = requestHeaders.first("authorization");
    if (authorization == null) {
      return ALWAYS;
    }
    String value = authorization.trim();
    if (value.startsWith("AWS4-")) {
      long signed = aws(requestHeaders);
      return signed == Durations.NONE ? ALWAYS : signed + AWS_MILLIS;
    }
    return value.startsWith("bce-auth-v1/") ? baidu(value) : ALWAYS;
  }

  private static long aws(Headers headers) {
    String date = headers.first("x-amz-date");
    if (date == null) {
      String other = headers.first("date");
      return other == null ? Durations.NONE : Durations.instant(other);
    }
    try {
      return LocalDateTime.parse(date.trim(), AWS_DATE).toEpochSecond(ZoneOffset.UTC) * 1_000;
    } catch (DateTimeException e) {
      return Durations.NONE;
    }
  }

  /** {@code bce-auth-v1/{key}/{instant}/{seconds}/{headers}/{signature}}. */
  private static long baidu(String value) {
    String[] parts = value.split("/", 6);
    if (parts.length < 4) {
      return ALWAYS;
    }
    long signed = Durations.instant(parts[2]);
    long valid = Durations.plain(parts[3], 1_000);
    return signed == Durations.NONE || valid == Durations.NONE ? ALWAYS : signed + valid;
  }
}
