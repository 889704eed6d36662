package dev.paceline.provider;

import dev.paceline.words.Answer;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a limit answer gives in its message of a limit a day: OpenAI's and Groq's
 * requests and tokens a day stand in no header. Both count with buckets that refill evenly ("please
 * try again in 28m48s" is a day over fifty requests).
 *
 * <p>Not of limits a minute: whether one refills evenly or by the clock a message does not say, and
 * guessing wrong cost a sixth of the goodput in the simulation, for a tenth of the 429s.
 */
public final class LimitsInBody {
  private static final Pattern USED =
      Pattern.compile("limit (\\d{1,12}), used (\\d{1,12}), requested (\\d{1,12})");
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
    if ((limit != Limit.RPD && limit != Limit.TPD) || answer.body().length == 0) {
      return null;
    }
    String text = new ErrorReader().body(answer.body()).facts(answer.status()).lower();
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

  /** Less than one more of the kind: this one did not fit. */
  private static long left(long left, long expected, long requested) {
    long most = Math.max(0, Math.min(left, requested - 1));
    return expected >= requested || requested <= 0 ? most : most * expected / requested;
  }
}
