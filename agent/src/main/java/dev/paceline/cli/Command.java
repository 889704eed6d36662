package dev.paceline.cli;

/** One command of the command line. */
@FunctionalInterface
public interface Command {
  /** Done, and nothing is wrong. */
  int OK = 0;

  /** Done, and something is wrong. */
  int FAILED = 1;

  /** Not understood. */
  int USAGE = 2;

  /**
   * Runs to the end.
   *
   * @param args what follows the command's name
   * @return the exit code
   */
  int run(String[] args, StandardStreams console);
}
