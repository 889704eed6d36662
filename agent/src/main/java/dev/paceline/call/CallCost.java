package dev.paceline.call;

import dev.paceline.limit.Cost;
import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.tokens.Calibration;
import dev.paceline.tokens.Estimate;
import dev.paceline.tokens.TokenEstimator;
import dev.paceline.tokens.Usage;
import dev.paceline.words.Endpoint;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one call is charged, by its provider's rule of admission, and what its answer teaches about
 * the next ones.
 */
final class CallCost {
  /** While an estimate is not calibrated, a call may take four fifths of what is left. */
  private static final double UNCALIBRATED = 1.25;

  /** A charge this much larger that would leave at once as well: no need to count any better. */
  private static final double ROOM = 1.5;

  private static final String REQUESTED = "Requested ";

  /** "Requested N" stands in the first sentence of a limit answer. */
  private static final int MOST_LOOK = 1_024;

  private final Calibration calibration;
  private final ChargingModel rule;
  private final boolean settles;
  private final Estimate estimate;
  private final long input;
  private final long output;
  private final Cost charge;

  private CallCost(Calibration calibration, @Nullable Provider provider, Estimate estimate) {
    this.calibration = calibration;
    this.rule = provider == null ? ChargingModel.UNPUBLISHED : provider.charge();
    this.settles = rule == ChargingModel.PROMPT || (provider != null && provider.givesBack());
    this.estimate = estimate;
    this.input = calibration.input(estimate);
    this.output =
        estimate.maxOutput() >= 0
            ? estimate.maxOutput()
            : calibration.output() * estimate.choices();
    double scale =
        calibration.chargeRatio() * (calibration.calibrated(estimate) ? 1 : UNCALIBRATED);
    double charged = provider != null && provider.cacheFree() ? calibration.uncachedShare() : 1;
    this.charge = charge((long) Math.ceil(input * scale * charged));
  }

  /** A quick estimate; may be wrong by a third. */
  static CallCost rough(
      TokenEstimator estimator,
      Calibration calibration,
      Endpoint endpoint,
      String model,
      RequestContent body) {
    return new CallCost(
        calibration,
        Providers.find(endpoint.provider()),
        estimator.rough(
            endpoint.provider(), model, endpoint.operation(), body.bytes(), body.length()));
  }

  /**
   * Counts the text exactly, where its model's table is known; else returns this. To be called only
   * when the limiter has no {@link #ample} room: it takes longer, and the first time the table is
   * loaded.
   *
   * @return null when there is nothing to count
   */
  @Nullable Supplier<CallCost> exact(
      TokenEstimator estimator, Endpoint endpoint, String model, RequestContent body) {
    if (input == 0) {
      return null;
    }
    String provider = endpoint.provider();
    return () ->
        estimator.knows(provider, model)
            ? new CallCost(
                calibration,
                Providers.find(provider),
                estimator.exact(provider, model, endpoint.operation(), body.bytes(), body.length()))
            : this;
  }

  /** Half as much again: while there is room for that, a rough estimate decides nothing. */
  Cost ample() {
    return new Cost(1, (long) (charge.inputTokens() * ROOM), (long) (charge.outputTokens() * ROOM));
  }

  private Cost charge(long tokens) {
    return switch (rule) {
      case PROMPT_AND_MAX -> new Cost(1, tokens, output);
      // A bucket counts both together: the larger is what the sum must be.
      case LARGER_OF_PROMPT_AND_MAX -> new Cost(1, tokens, Math.max(0, output - tokens));
      case PROMPT, UNPUBLISHED -> new Cost(1, tokens, 0);
      case NOTHING -> Cost.ONE;
    };
  }

  Cost charge() {
    return charge;
  }

  /** Estimated tokens of the prompt. */
  long input() {
    return input;
  }

  /** Tokens that the answer may have, or probably has at most. */
  long output() {
    return output;
  }

  /** The whole prompt as a multiple of what was estimated; 0 when nothing was. */
  double ratio(Usage usage) {
    return input == 0 || usage.prompt() == 0 ? 0 : (double) usage.prompt() / input;
  }

  /** Whether the provider counts output as it comes, or gives back what it had set aside. */
  boolean settles() {
    return settles;
  }

  void learn(Usage usage) {
    calibration.learn(estimate, usage);
  }

  private long charged() {
    Cost plain = charge(input);
    return plain.inputTokens() + plain.outputTokens();
  }

  /** What a limit answer says was requested: the provider's own price of this call. */
  void requested(byte[] body) {
    int end = Math.min(body.length, MOST_LOOK);
    for (int at = 0; at + REQUESTED.length() < end; at++) {
      if (body[at] == 'R' && startsAt(body, at)) {
        long tokens = 0;
        int digit = at + REQUESTED.length();
        while (digit < end && body[digit] >= '0' && body[digit] <= '9' && tokens < 1_000_000_000L) {
          tokens = tokens * 10 + (body[digit++] - '0');
        }
        // "Requested 1" speaks of requests, not of tokens.
        if (tokens > 1) {
          calibration.charged(charged(), tokens);
        }
        return;
      }
    }
  }

  private static boolean startsAt(byte[] body, int from) {
    for (int i = 0; i < REQUESTED.length(); i++) {
      if (body[from + i] != REQUESTED.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Mistral's header: what it charged for this call. */
  void queryCost(@Nullable String tokens) {
    if (tokens != null) {
      try {
        calibration.charged(charged(), Long.parseLong(tokens.trim()));
      } catch (NumberFormatException e) {
        // No count: it says nothing.
      }
    }
  }
}
