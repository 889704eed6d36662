package dev.paceline.cli;

import java.io.PrintStream;
import java.util.Locale;

/** The demo's closing table. */
final class DemoTable {
  private DemoTable() {}

  static void print(PrintStream out, double optimumSeconds, DemoRun... runs) {
    out.println();
    out.println(
        "                       ok   failed   429s seen by    attempts on   seconds   against the");
    out.println(
        "                                     the server      the wire                optimum");
    for (DemoRun run : runs) {
      out.printf(
          Locale.ROOT,
          "%-18s %6d %8d %14d %14d %9.1f   %s%n",
          run.title(),
          run.ok(),
          run.failed(),
          run.limited(),
          run.attempts(),
          run.seconds(),
          against(run, optimumSeconds));
    }
    out.printf(
        Locale.ROOT,
        "%noptimum: %.1f s for every call to succeed within the limit%n",
        optimumSeconds);
  }

  /** A run that lost calls did not do the same work, so its time is not compared. */
  private static String against(DemoRun run, double optimumSeconds) {
    if (!run.complete()) {
      return "did not end";
    }
    return run.failed() > 0
        ? "calls lost"
        : String.format(Locale.ROOT, "x %.2f", run.seconds() / optimumSeconds);
  }
}
