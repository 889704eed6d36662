package dev.paceline.it;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Many checks of one fork, reported together, a few lines each: a fork is too expensive to stop at
 * the first.
 */
final class Checks {
  private final List<String> failures = new ArrayList<>();

  void check(String name, Runnable check) {
    try {
      check.run();
    } catch (AssertionError e) {
      failures.add(name + ": " + String.valueOf(e.getMessage()).strip());
    }
  }

  void allHold() {
    allHold("");
  }

  /** Says what else the fork printed: the agent's faults are on stderr. */
  void allHold(Ended ended) {
    String failures =
        ended.out().stream()
            .filter(line -> line.startsWith("{\"run\":\"failure\""))
            .limit(3)
            .collect(Collectors.joining("\n"));
    allHold("\n" + failures + "\nstderr:\n" + String.join("\n", ended.err()));
  }

  private void allHold(String more) {
    if (!failures.isEmpty()) {
      throw new AssertionError(
          failures.size() + " checks failed\n" + String.join("\n----\n", failures) + more);
    }
  }
}
