package dev.paceline.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Something about the configuration that a person should know.
 *
 * @param kind what sort of thing it is; decides whether a reload or {@code check} fails
 * @param source where it was found
 * @param line one line, without the log prefix; never the value of an unknown key, which may be a
 *     secret of somebody else's
 */
public record Problem(Kind kind, Source source, String line) {

  /** Sorts of problems. */
  public enum Kind {
    /** A key that nobody reads. */
    UNKNOWN_KEY,
    /** A value that was not understood; the default stands in. */
    BAD_VALUE,
    /** A rule that cannot be applied and is left out. */
    BAD_RULE,
    /** The configuration file could not be read. */
    FILE,
    /** Understood and used, but probably not what was meant. */
    NOTE
  }

  /** Whether {@code check} and {@code paceline.config.strict} take offence at it. */
  public boolean serious() {
    return kind != Kind.NOTE;
  }

  /** More lines than this nobody reads. */
  private static final int MOST_LINES = 20;

  /** What is said of many: the first lines, and how many more there are. */
  public static List<String> lines(List<Problem> problems) {
    List<String> lines = new ArrayList<>();
    problems.stream().limit(MOST_LINES).forEach(problem -> lines.add(problem.line()));
    if (problems.size() > MOST_LINES) {
      lines.add("and " + (problems.size() - MOST_LINES) + " more problems in the configuration");
    }
    return lines;
  }

  /** Whether a changed file that has it is refused, so that the last good one stays. */
  boolean refusesReload() {
    return kind == Kind.BAD_VALUE || kind == Kind.BAD_RULE || kind == Kind.FILE;
  }
}
