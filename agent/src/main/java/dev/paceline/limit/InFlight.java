package dev.paceline.limit;

import static dev.paceline.limit.Exact.MICRO;

import dev.paceline.words.Limit;

/** What has left a scope and has not ended, and how wrong its estimates may be together. */
final class InFlight {
  /**
   * The estimation margin as a multiple of √Σe², e the token estimates that no answer has put right
   * yet: the standard error of their sum, as an estimate is a third off, now and then a half. 0
   * costs one 429 in 900 calls of mixed sizes at the end of each window.
   */
  private static final double STANDARD_ERROR = 0.5;

  /** Four of them: hardly any sum of estimates is further off. */
  static final double FOUR_ERRORS = 4 * STANDARD_ERROR;

  /** Largest estimation margin, as a fraction of the capacity. */
  private static final double MAX_MARGIN = 0.2;

  private int count;
  private long lastSent = Long.MIN_VALUE;
  private long newestAnswered = Long.MIN_VALUE;
  private long lastEvent;

  /** Of those whose answer's headers are not here yet. */
  private long requests;

  private long input;
  private long output;
  private double inputSquares;
  private double outputSquares;

  InFlight(long now) {
    lastEvent = now;
  }

  /** Permits that have not ended. */
  int count() {
    return count;
  }

  long lastSent() {
    return lastSent;
  }

  /** When a call was sent or answered, or ended without an answer. */
  long lastEvent() {
    return lastEvent;
  }

  /** Whether any answer has shown limits. */
  boolean answered() {
    return newestAnswered != Long.MIN_VALUE;
  }

  /** When the newest of the requests was sent whose answers showed limits. */
  long newestAnswered() {
    return newestAnswered;
  }

  /** What those without an answer are charged of one limit, in its own unit. */
  long of(Limit limit) {
    return Cost.of(limit, requests, input, output);
  }

  void onSend(long now, Cost cost) {
    count++;
    lastSent = now;
    lastEvent = now;
    requests += cost.requests();
    input += cost.inputTokens();
    output += cost.outputTokens();
    inputSquares += square(cost.inputTokens());
    outputSquares += square(cost.outputTokens());
  }

  /** Nothing of the permit is uncertain any more: its answer is here, or will never be. */
  void settled(long now, Permit permit) {
    lastEvent = now;
    Cost cost = permit.charge;
    requests -= cost.requests();
    input -= cost.inputTokens();
    output -= cost.outputTokens();
    // Sums of rounded figures must not drift: nothing is open, nothing is in doubt.
    inputSquares = requests == 0 ? 0 : inputSquares - square(cost.inputTokens());
    outputSquares = requests == 0 ? 0 : outputSquares - square(cost.outputTokens());
  }

  /** The permit's answer showed limits. */
  void headersSeen(Permit permit) {
    if (!answered() || permit.sent - newestAnswered > 0) {
      newestAnswered = permit.sent;
    }
  }

  void ended() {
    count--;
  }

  /**
   * By how much the estimates that no answer has put right yet may be too low together, in
   * millionths.
   *
   * @param units what one more is charged
   * @param required what must be there for it otherwise, in millionths
   */
  long estimationMargin(LimitEstimator limit, long units, long required) {
    if (requests == 0 || !Cost.countsTokens(limit.limit)) {
      return 0; // with nothing on the way nothing would ever put it right
    }
    double squares = squares(limit.limit);
    double tokens = STANDARD_ERROR * Math.sqrt(Math.max(0, squares) + square(units));
    // A prompt nearly as large as the limit must not wait until nothing else is on the way.
    long most = limit.fullEnough() - required;
    tokens = Math.min(tokens, MAX_MARGIN * limit.level.capacity());
    return Math.max(0, Math.min(most, (long) (tokens * MICRO)));
  }

  /**
   * By how much what is in flight may have cost more, or less, than charged, in millionths: four
   * standard errors of the sum of its estimates.
   */
  long error(Limit limit) {
    return Cost.countsTokens(limit)
        ? (long) (FOUR_ERRORS * Math.sqrt(Math.max(0, squares(limit))) * MICRO)
        : 0;
  }

  private double squares(Limit limit) {
    return switch (limit) {
      case ITPM -> inputSquares;
      case OTPM -> outputSquares;
      default -> inputSquares + outputSquares;
    };
  }

  private static double square(long tokens) {
    return (double) tokens * tokens;
  }
}
