package dev.paceline.config;

import dev.paceline.config.Layer.Entry;
import dev.paceline.config.Problem.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Turns the raw text of each source into a {@link Layer}, and unknown names into problems. An empty
 * text is the same as none.
 */
final class Layers {
  private static final int MOST_HINTS = 20;

  private Layers() {}

  /** {@code -Dpaceline.max-wait=5s}; a bare {@code -Dpaceline.force} means true. */
  static Layer systemProperties(Map<String, String> properties, List<Problem> problems) {
    Collector collector = new Collector(Source.SYSTEM_PROPERTY, problems);
    for (Map.Entry<String, String> property : new TreeMap<>(properties).entrySet()) {
      // paceline.agent.* is how the agent's own classes talk to each other.
      boolean ours = property.getKey().startsWith(Key.PREFIX + "agent.");
      if (property.getKey().startsWith(Key.PREFIX) && !ours) {
        String name = property.getKey().substring(Key.PREFIX.length());
        collector.add(
            name, property.getKey(), bareMeansTrue(name, property.getValue()), Key.PREFIX);
      }
    }
    return collector.layer();
  }

  /** {@code -javaagent:paceline-agent.jar=max-wait=5s;mode=observe}. */
  static Layer agentArguments(String arguments, List<Problem> problems) {
    Collector collector = new Collector(Source.AGENT_ARGUMENT, problems);
    for (String argument : arguments.split(";", -1)) {
      if (argument.isBlank()) {
        continue;
      }
      int equals = argument.indexOf('=');
      String spelled = (equals < 0 ? argument : argument.substring(0, equals)).trim();
      String name =
          spelled.startsWith(Key.PREFIX) ? spelled.substring(Key.PREFIX.length()) : spelled;
      String value = equals < 0 ? "" : argument.substring(equals + 1);
      collector.add(name, spelled, bareMeansTrue(name, value), "");
    }
    return collector.layer();
  }

  /** {@code PACELINE_MAX_WAIT=5s}. */
  static Layer environment(Map<String, String> variables, List<Problem> problems) {
    Collector collector = new Collector(Source.ENVIRONMENT, problems);
    for (Map.Entry<String, String> variable : new TreeMap<>(variables).entrySet()) {
      String spelled = variable.getKey();
      if (!spelled.startsWith(KeyNames.ENV_PREFIX)
          || KeyNames.serviceLink(spelled, variable.getValue())) {
        continue;
      }
      Optional<String> name = KeyNames.ofVariable(spelled);
      if (name.isPresent()) {
        collector.addKnown(name.get(), spelled, variable.getValue());
      } else {
        String guess =
            spelled
                .substring(KeyNames.ENV_PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
        collector.unknown(spelled, KeyNames.nearest(guess).map(Key::environmentVariable));
      }
    }
    return collector.layer();
  }

  /** A properties file; the prefix of its keys may be left out. */
  static Layer file(String content, List<Problem> problems) {
    Collector collector = new Collector(Source.FILE, problems);
    Map<String, String> lines = new LinkedHashMap<>();
    Properties reader =
        new Properties() {
          private static final long serialVersionUID = 1L;

          @Override
          public synchronized Object put(Object key, Object value) {
            if (lines.put((String) key, (String) value) != null) {
              problems.add(
                  new Problem(
                      Kind.NOTE,
                      Source.FILE,
                      "file: "
                          + ConfigText.shown((String) key)
                          + " is given twice; the last one counts"));
            }
            return super.put(key, value);
          }
        };
    try {
      reader.load(new StringReader(content));
    } catch (IOException | IllegalArgumentException malformed) {
      problems.add(
          new Problem(
              Kind.FILE,
              Source.FILE,
              "the configuration file is not a properties file: malformed \\u escape"));
      return new Layer(Source.FILE, Map.of());
    }
    lines.forEach(
        (spelled, value) -> {
          String name =
              spelled.startsWith(Key.PREFIX) ? spelled.substring(Key.PREFIX.length()) : spelled;
          collector.add(name, spelled, value, Key.PREFIX);
        });
    Layer layer = collector.layer();
    if (layer.entries().isEmpty() && collector.unknown > 0) {
      problems.add(
          new Problem(
              Kind.FILE,
              Source.FILE,
              "the configuration file has no key of Paceline's, but others; it is left out"));
    }
    return layer;
  }

  private static String bareMeansTrue(String name, String value) {
    Key<?> key = Keys.byName().get(name);
    return value.isBlank() && key != null && key.type() == Types.BOOL ? "true" : value;
  }

  /** Sorts one source's settings into known and unknown. */
  private static final class Collector {
    private final Source source;
    private final List<Problem> problems;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int unknown;

    Collector(Source source, List<Problem> problems) {
      this.source = source;
      this.problems = problems;
    }

    void add(String name, String spelled, String value, String prefix) {
      if (KeyNames.known(name)) {
        addKnown(name, spelled, value);
      } else if (KeyNames.badRuleId(name)) {
        String line =
            source.text()
                + ": "
                + ConfigText.shown(spelled)
                + " is ignored; "
                + KeyNames.RULE_ID_FORM;
        problems.add(new Problem(Kind.UNKNOWN_KEY, source, line));
      } else {
        // Looking for what was meant costs some 0.1 ms a key: of a megabyte of keys, seconds.
        Optional<String> nearest = unknown < MOST_HINTS ? KeyNames.nearest(name) : Optional.empty();
        unknown(spelled, nearest.map(found -> prefix + found));
      }
    }

    void addKnown(String name, String spelled, String value) {
      Key<?> key = Keys.byName().get(name);
      if (key != null && !key.places().contains(source)) {
        String line = source.text() + ": " + key.property() + " cannot be set here, only as ";
        problems.add(new Problem(Kind.UNKNOWN_KEY, source, line + placesOf(key)));
      } else if (!value.trim().isEmpty()) {
        entries.put(name, new Entry(source.text() + " " + spelled, value.trim()));
      }
    }

    private static String placesOf(Key<?> key) {
      return String.join(" or ", key.places().stream().sorted().map(Source::text).toList());
    }

    void unknown(String spelled, Optional<String> nearest) {
      unknown++;
      String hint = nearest.map(name -> "; did you mean " + name + "?").orElse("");
      problems.add(
          new Problem(
              Kind.UNKNOWN_KEY,
              source,
              source.text() + ": unknown key " + ConfigText.shown(spelled) + hint));
    }

    Layer layer() {
      return new Layer(source, Map.copyOf(entries));
    }
  }
}
