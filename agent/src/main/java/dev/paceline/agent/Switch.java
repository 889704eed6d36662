package dev.paceline.agent;

/** What an operator says while the process runs, beside what is configured. */
final class Switch {
  private volatile boolean on = true;

  boolean on() {
    return on;
  }

  void turn(boolean to) {
    on = to;
  }
}
