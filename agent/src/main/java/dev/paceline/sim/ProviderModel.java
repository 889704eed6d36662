package dev.paceline.sim;

import java.util.List;

/**
 * A provider that admits or rejects requests. Not thread-safe; times must not run backwards (an
 * earlier one is taken as the latest seen).
 */
public interface ProviderModel {
  /**
   * One request reaches the provider.
   *
   * @param nowNanos time of arrival, on the scale of the origin the model was built with
   * @param model the model asked for; every model has budgets of its own
   * @param load what the provider charges its token limits for the request
   */
  Decision arrive(long nowNanos, String model, Load load);

  /**
   * One request that weighs the same under every limit on tokens.
   *
   * @param requestTokens at least 0
   */
  default Decision arrive(long nowNanos, String model, long requestTokens) {
    return arrive(nowNanos, model, Load.of(requestTokens));
  }

  /**
   * The answer to one accepted request has ended: gives back its place under a concurrency limit.
   */
  void done(long nowNanos, String model);

  /** What the limit headers would say now; hidden limits left out. */
  List<ShownLevel> levels(long nowNanos, String model);
}
