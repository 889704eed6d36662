package dev.paceline.simulation;

/** One call of the application in the simulation. */
final class Job {
  static final long NEVER = -1;

  final int number;
  final int jvm;
  final long arrival;
  final long deadline;
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
      long deadline,
      long tokens,
      long estimate,
      boolean stream,
      long service) {
    this.number = number;
    this.jvm = jvm;
    this.arrival = arrival;
    this.deadline = deadline;
    this.tokens = tokens;
    this.estimate = estimate;
    this.stream = stream;
    this.service = service;
  }

  boolean admitted() {
    return admittedAt != NEVER;
  }
}
