package dev.paceline.tokens;

import com.knuddels.jtokkit.api.Encoding;
import dev.paceline.words.Operation;
import java.util.Locale;
import java.util.concurrent.Executor;

/**
 * The price of a request in tokens, before it is sent. {@link #rough} costs a walk over the body at
 * the speed of memory; {@link #exact} counts by the model's own table, where there is one, and is
 * worth it only when the difference can change a decision. Thread-safe.
 */
public final class TokenEstimator {
  private final Tables tables;

  /**
   * @param background where a token table is loaded on first need: must not be the caller's thread
   */
  public TokenEstimator(Executor background) {
    this.tables = new Tables(background);
  }

  /** An estimate, within about a tenth for texts of models that were measured. */
  public Estimate rough(
      String provider, String model, Operation operation, byte[] body, int length) {
    UsageDialect dialect = UsageDialect.of(provider, model);
    return price(dialect, dialect.meter(), model, operation, body, length);
  }

  /**
   * Whether {@link #exact} would say more than {@link #rough} does. Asks for the table, so that it
   * is there some time later.
   */
  public boolean knows(String provider, String model) {
    return UsageDialect.of(provider, model) == UsageDialect.OPENAI && tables.of(model) != null;
  }

  /** The count by the model's own table; the estimate when there is none, or not yet. */
  public Estimate exact(
      String provider, String model, Operation operation, byte[] body, int length) {
    UsageDialect dialect = UsageDialect.of(provider, model);
    Encoding table = dialect == UsageDialect.OPENAI ? tables.of(model) : null;
    return price(
        dialect,
        table == null ? dialect.meter() : new ExactMeter(table, length),
        model,
        operation,
        body,
        length);
  }

  private static Estimate price(
      UsageDialect dialect,
      TokenMeter meter,
      String model,
      Operation operation,
      byte[] body,
      int length) {
    boolean exact = meter instanceof ExactMeter;
    Size size = new Size(meter, dialect.shown(exact));
    RequestWalk.walk(body, length, size);
    if (!size.json) {
      // Multipart, protobuf: four bytes a token is all that can be said, and nothing to calibrate.
      return new Estimate(length / 4.0, false, false, false, -1, 1, true);
    }
    boolean chat = operation == Operation.GENERATION && !size.completion;
    return new Estimate(
        dialect.tokens(size, chat, model.toLowerCase(Locale.ROOT)),
        size.tools > 0,
        size.format > 0,
        size.images + size.files + size.sounds + size.videos > 0,
        size.maxOutput < 0 ? -1 : size.maxOutput * size.choices,
        size.choices,
        exact);
  }
}
