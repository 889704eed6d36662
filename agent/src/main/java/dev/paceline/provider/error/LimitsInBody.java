package dev.paceline.provider.error;

import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a limit answer gives in its message, of limits that stand in no header: OpenAI's
 * and Groq's requests and tokens a day, Groq's and Gemini's requests a minute.
 *
 * <p>A day is a bucket that refills evenly ("please try again in 28m48s" is a day over fifty
 * requests). Whether a minute refills evenly or by the clock no message says, and guessing wrong
 * cost a sixth of the goodput in the simulation: of that only the amount is read.
 */
public final class LimitsInBody {
  private static final Pattern USED =
      Pattern.compile("limit (\\d{1,12}), used (\\d{1,12}), requested (\\d{1,12})");

  /** OpenAI's grammar names the window, so that no other one is taken for a minute. */
  private static final Pattern A_MINUTE =
      Pattern.compile("requests per min\\w*(?: \\(rpm\\))?: limit (\\d{1,9}), used \\d");

  /** Google's; one figure, or it is not known whose it is. */
  private static final Pattern QUOTA =
      Pattern.compile("quota exceeded for metric: [^,]{1,200}requests, limit: (\\d{1,9})");

  private static final long DAY = 86_400_000;
  private static final long MINUTE = 60_000;

  private LimitsInBody() {}

  /**
   * What the message says of the limit that was hit.
   *
   * @param limit as the answer was judged
   * @param expected what we thought that the request would cost; figures are brought into its
   *     terms, since what counts is how many more like it fit
   * @return null when it gives no figures; of requests a minute {@code remaining} and reset are
   *     unknown
   */
  public static @Nullable LimitReading read(ProviderResponse answer, Limit limit, long expected) {
    if ((limit != Limit.RPD && limit != Limit.TPD && limit != Limit.RPM)
        || answer.body().length == 0) {
      return null;
    }
    String text = new ErrorReader().body(answer.body()).facts(answer.status()).lower();
    if (limit == Limit.RPM) {
      long max = aMinute(text);
      return max <= 0
          ? null
          : new LimitReading(limit, max, LimitReading.UNKNOWN, LimitReading.UNKNOWN, MINUTE);
    }
    Matcher used = USED.matcher(text);
    if (!used.find()) {
      return null;
    }
    long max = Long.parseLong(used.group(1));
    long taken = Long.parseLong(used.group(2));
    long requested = Long.parseLong(used.group(3));
    if (max <= 0 || requested > max) {
      return null;
    }
    long left = left(max - taken, expected, requested);
    long reset = (long) ((double) (max - left) / max * DAY);
    return new LimitReading(limit, max, left, reset, DAY);
  }

  private static long aMinute(String text) {
    Matcher openAi = A_MINUTE.matcher(text);
    if (openAi.find()) {
      return Long.parseLong(openAi.group(1));
    }
    Matcher google = QUOTA.matcher(text);
    long max = google.find() ? Long.parseLong(google.group(1)) : 0;
    return google.find() ? 0 : max;
  }

  /** Less than one more of the kind: this one did not fit. */
  private static long left(long left, long expected, long requested) {
    long most = Math.max(0, Math.min(left, requested - 1));
    return expected >= requested || requested <= 0 ? most : most * expected / requested;
  }
}
