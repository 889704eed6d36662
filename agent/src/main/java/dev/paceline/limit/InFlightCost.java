package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;

import dev.paceline.words.Limit;

/** What has left a budget and is not answered yet, and how wrong its estimates may be together. */
final class InFlightCost {
  /**
   * An estimate of tokens is a third off, now and then a half. Half of the root of the sum of
   * squares is kept free until answers come: one 429 in 900 calls of mixed sizes at the end of each
   * fixed window without it, and no goodput lost with it. Of a bucket, which has no end, a third:
   * with half of it the last ones of a burst waited .1 s longer.
   */
  private static final double DOUBT = 0.5;

  private static final double DOUBT_CONTINUOUS = 0.35;

  private static final double MOST_DOUBT = 0.2;

  private long requests;
  private long input;
  private long output;

  /** Sums of the squares of the tokens that the attempts were charged. */
  private double inputSquares;

  private double outputSquares;

  long requests() {
    return requests;
  }

  /** What it is charged of one limit, in its own unit. */
  long of(Limit limit) {
    return Cost.of(limit, requests, input, output);
  }

  void left(Cost charge) {
    requests += charge.requests();
    input += charge.inputTokens();
    output += charge.outputTokens();
    inputSquares += square(charge.inputTokens());
    outputSquares += square(charge.outputTokens());
  }

  void answered(Cost charge) {
    requests -= charge.requests();
    input -= charge.inputTokens();
    output -= charge.outputTokens();
    // Sums of rounded figures must not drift: nothing is open, nothing is in doubt.
    inputSquares = requests == 0 ? 0 : inputSquares - square(charge.inputTokens());
    outputSquares = requests == 0 ? 0 : outputSquares - square(charge.outputTokens());
  }

  /**
   * By how much the estimates that no answer has put right yet may be too low together, in
   * millionths.
   *
   * @param units what one more is charged
   * @param need what must be there for it otherwise, in millionths
   */
  long estimationMargin(LimitEstimator bucket, long units, long need) {
    if (requests == 0 || !Cost.countsTokens(bucket.limit)) {
      return 0; // with nothing on the way nothing would ever put it right
    }
    double squares =
        switch (bucket.limit) {
          case ITPM -> inputSquares;
          case OTPM -> outputSquares;
          default -> inputSquares + outputSquares;
        };
    double part = bucket.kind() == WindowKind.TOKEN_BUCKET ? DOUBT_CONTINUOUS : DOUBT;
    double tokens = part * Math.sqrt(Math.max(0, squares) + square(units));
    // A prompt nearly as large as the bucket must not wait until nothing else is on the way.
    long most = bucket.capacity() * 97 / 100 * MICRO - need;
    tokens = Math.min(tokens, MOST_DOUBT * bucket.capacity());
    return Math.max(0, Math.min(most, (long) (tokens * MICRO)));
  }

  private static double square(long tokens) {
    return (double) tokens * tokens;
  }
}
