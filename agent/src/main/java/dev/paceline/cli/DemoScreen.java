package dev.paceline.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One progress line that is written over, with other lines pushed in above it. On a terminal;
 * elsewhere a line every few seconds.
 */
final class DemoScreen {
  private static final int WIDTH = 24;
  private static final double PLAIN_EVERY_SECONDS = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final PrintStream out;
  private final String title;
  private final int calls;
  private final boolean terminal = System.console() != null;
  private String shown = "";
  private String latest = "";
  private double nextPlain;

  DemoScreen(PrintStream out, String title, int calls) {
    this.out = out;
    this.title = title;
    this.calls = calls;
  }

  void progress(DemoRun run) {
    lock.lock();
    try {
      int finished = run.ok() + run.failed();
      int bar = (int) ((long) WIDTH * Math.min(finished, calls) / calls);
      latest =
          String.format(
              Locale.ROOT,
              "%-18s [%s%s] %4d ok %4d failed %5d x 429  %5.1f s",
              title,
              "#".repeat(bar),
              ".".repeat(WIDTH - bar),
              run.ok(),
              run.failed(),
              run.limited(),
              run.seconds());
      if (terminal) {
        out.print("\r" + latest);
        out.flush();
        shown = latest;
      } else if (run.seconds() >= nextPlain && !run.complete()) {
        nextPlain += PLAIN_EVERY_SECONDS;
        out.println(latest);
      }
    } finally {
      lock.unlock();
    }
  }

  void line(String text) {
    lock.lock();
    try {
      if (!shown.isEmpty()) {
        out.print("\r" + " ".repeat(shown.length()) + "\r");
      }
      out.println(text);
      out.print(shown);
      out.flush();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      out.println(terminal ? "" : latest);
      shown = "";
    } finally {
      lock.unlock();
    }
  }
}
