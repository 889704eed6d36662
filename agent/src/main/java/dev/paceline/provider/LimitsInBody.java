package dev.paceline.provider;

import dev.paceline.words.Answer;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a limit answer gives in its message, for limits that its headers are silent
 * about: OpenAI's and Groq's requests and tokens a day appear nowhere else. Both count with buckets
 * that refill evenly ("please try again in 28m48s" is a day over fifty requests), Anthropic too.
 */
public final class LimitsInBody {
  private static final Pattern USED =
      Pattern.compile("limit (\\d{1,12}), used (\\d{1,12}), requested (\\d{1,12})");
  private static final Pattern A_MINUTE =
      Pattern.compile(
          "rate limit of ([\\d,]{1,15}) (?:(?:input|output) )?(?:tokens|requests) per min");
  private static final long MINUTE = 60_000;
  private static final long DAY = 86_400_000;

  private LimitsInBody() {}

  /**
   * What the message says of the limit that was hit.
   *
   * @param limit as the answer was judged
   * @param expected what we thought that the request would cost; figures are brought into its
   *     terms, since what counts is how many more like it fit
   * @return null when it gives no figures
   */
  public static @Nullable LimitReading read(Answer answer, Limit limit, long expected) {
    long window = window(limit);
    if (window == 0 || answer.body().length == 0) {
      return null;
    }
    String text = new ErrorReader().body(answer.body()).facts(answer.status()).lower();
    Matcher used = USED.matcher(text);
    if (used.find()) {
      long max = Long.parseLong(used.group(1));
      long taken = Long.parseLong(used.group(2));
      long requested = Long.parseLong(used.group(3));
      return max <= 0 || requested > max
          ? null
          : reading(limit, max, left(max - taken, expected, requested), window);
    }
    Matcher minute = A_MINUTE.matcher(text);
    if (window == MINUTE && minute.find()) {
      String digits = minute.group(1).replace(",", "");
      long max = digits.isEmpty() ? 0 : Long.parseLong(digits);
      return max <= 0 ? null : reading(limit, max, 0, window);
    }
    return null;
  }

  /** Less than one more of the kind: this one did not fit. */
  private static long left(long left, long expected, long requested) {
    long most = Math.max(0, Math.min(left, requested - 1));
    return expected >= requested || requested <= 0 ? most : most * expected / requested;
  }

  private static LimitReading reading(Limit limit, long max, long left, long window) {
    long reset = (long) ((double) (max - left) / max * window);
    return new LimitReading(limit, max, left, reset, window);
  }

  private static long window(Limit limit) {
    return switch (limit) {
      case RPM, TPM, ITPM, OTPM -> MINUTE;
      case RPD, TPD -> DAY;
      default -> 0;
    };
  }
}
