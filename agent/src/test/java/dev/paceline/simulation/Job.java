package dev.paceline.simulation;

/** One call of the application in the simulation. */
final class Job {
  static final long NEVER = -1;
  private static final long FIRST_EVENT = 230_000_000L;

  final int number;
  final int jvm;
  final long arrival;

  /** After this instant it is not sent any more. */
  final long latest;

  /** When the caller has gone: an answer whose headers come later is of no use. */
  final long answerBy;

  final long tokens;

  /** What the client thinks it costs. */
  final long estimate;

  final boolean stream;
  final long service;

  int attempts;
  int rejections;
  long admittedAt = NEVER;
  long sentAt;

  boolean failed;

  Job(
      int number,
      int jvm,
      long arrival,
      long latest,
      long answerBy,
      long tokens,
      long estimate,
      boolean stream,
      long service) {
    this.number = number;
    this.jvm = jvm;
    this.arrival = arrival;
    this.latest = latest;
    this.answerBy = answerBy;
    this.tokens = tokens;
    this.estimate = estimate;
    this.stream = stream;
    this.service = service;
  }

  boolean admitted() {
    return admittedAt != NEVER;
  }

  /** Until an admitted call's headers are there: at once for a stream, else with the answer. */
  long toHeaders() {
    return stream ? Math.min(service, FIRST_EVENT) : service;
  }

  /** Admitted at this instant, its answer would still be wanted. */
  boolean wanted(long admission) {
    return admission + toHeaders() <= answerBy;
  }

  /** Its answer came while its caller was there. */
  boolean served() {
    return admitted() && wanted(admittedAt);
  }
}
