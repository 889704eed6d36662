package dev.paceline.it;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The series of a scrape, to hold expressions against: the names of samples, their labels, and the
 * values of those.
 */
final class Scrape {
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*)(\\{.*\\})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern NAME = Pattern.compile("\\b(paceline_\\w+)(?:\\{([^}]*)\\})?");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on|without)\\s*\\(([^)]*)\\)");

  /** Prometheus puts these on every series. */
  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  private final Map<String, Map<String, Set<String>>> labels = new HashMap<>();

  Scrape(String text) {
    Matcher sample = SAMPLE.matcher(text);
    while (sample.find()) {
      Map<String, Set<String>> of =
          labels.computeIfAbsent(sample.group(1), name -> new HashMap<>());
      if (sample.group(2) != null) {
        Matcher label = LABEL.matcher(sample.group(2));
        while (label.find()) {
          of.computeIfAbsent(label.group(1), name -> new HashSet<>()).add(label.group(2));
        }
      }
    }
  }

  /** The names of metrics in an expression; recorded ones, which have a colon, are left out. */
  static Set<String> names(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(expression.replaceAll("[\\w:]*:[\\w:]*", "_"));
    while (name.find()) {
      names.add(name.group(1));
    }
    return names;
  }

  /** The labels that an expression groups by. */
  static Set<String> groups(String expression) {
    Set<String> groups = new TreeSet<>();
    Matcher grouping = GROUPING.matcher(expression);
    while (grouping.find()) {
      for (String label : grouping.group(1).split(",")) {
        groups.add(label.strip());
      }
    }
    return groups;
  }

  /** What of an expression no series could ever match; empty when it fits. */
  List<String> misfits(String expression) {
    List<String> misfits = new ArrayList<>();
    Set<String> known = new HashSet<>(OF_PROMETHEUS);
    Matcher name = NAME.matcher(expression.replaceAll("[\\w:]*:[\\w:]*", "_"));
    while (name.find()) {
      Map<String, Set<String>> of = labels.get(name.group(1));
      if (of == null) {
        misfits.add(name.group(1));
        continue;
      }
      known.addAll(of.keySet());
      Matcher matcher = MATCHER.matcher(name.group(2) == null ? "" : name.group(2));
      while (matcher.find()) {
        String label = matcher.group(1);
        boolean literal = !matcher.group(2).contains("~");
        if (OF_PROMETHEUS.contains(label)) {
          continue;
        }
        if (!of.containsKey(label)) {
          misfits.add(name.group(1) + " has no label " + label);
        } else if (literal && !of.get(label).contains(matcher.group(3))) {
          misfits.add(name.group(1) + " has no " + matcher.group());
        }
      }
    }
    groups(expression).stream()
        .filter(label -> !names(expression).isEmpty() && !known.contains(label))
        .forEach(label -> misfits.add("nothing has a label " + label));
    return misfits;
  }
}
