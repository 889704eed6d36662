package dev.paceline.config;

import dev.paceline.config.Layer.Entry;
import dev.paceline.config.Problem.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads all sources, strongest first: system properties, agent arguments, environment, the file
 * that one of those names, built-in values. Never throws: what cannot be used becomes a {@link
 * Problem} and the default.
 */
public final class ConfigReader {
  private final List<Layer> fixed;
  private final List<Problem> fixedProblems;
  private final String path;
  private final FileAccess files;
  private final ProviderNames providers;

  ConfigReader(Inputs inputs, FileAccess files, ProviderNames providers) {
    List<Problem> problems = new ArrayList<>();
    this.fixed =
        List.of(
            Layers.systemProperties(inputs.systemProperties(), problems),
            Layers.agentArguments(inputs.agentArguments(), problems),
            Layers.environment(inputs.environment(), problems));
    this.fixedProblems = List.copyOf(problems);
    this.files = files;
    this.providers = providers;
    this.path = pinned(Keys.CONFIG_FILE.name()).map(Entry::text).orElse("");
  }

  /** Reads once, taking every provider's name as it is. */
  public static Settings read(Inputs inputs, FileAccess files) {
    return read(inputs, files, ProviderNames.ANY);
  }

  /** Reads once. */
  public static Settings read(Inputs inputs, FileAccess files, ProviderNames providers) {
    return new ConfigReader(inputs, files, providers).read(Optional.empty()).settings();
  }

  /**
   * What was read.
   *
   * @param file what the file said, as far as it could be read
   * @param readable whether there is no file or it could be read
   * @param empty whether the file has nothing in it, not even a comment
   * @param seen the file as it was before reading
   */
  record Reading(Settings settings, Layer file, boolean readable, boolean empty, FileStamp seen) {}

  /** The file that is followed; empty when there is none. */
  String path() {
    return path;
  }

  /** The source stronger than the file that sets a key. */
  Optional<Entry> pinned(String name) {
    return fixed.stream()
        .filter(layer -> layer.entries().containsKey(name))
        .findFirst()
        .map(layer -> layer.entries().get(name));
  }

  /**
   * Reads the file and puts all sources together.
   *
   * @param running the settings in force; keys that are not dynamic keep their values
   */
  Reading read(Optional<Settings> running) {
    List<Problem> problems = new ArrayList<>(fixedProblems);
    Layer file = new Layer(Source.FILE, Map.of());
    FileStamp seen = path.isEmpty() ? FileStamp.ABSENT : files.fingerprint(path);
    boolean readable = true;
    boolean empty = false;
    if (!path.isEmpty()) {
      try {
        String text = files.read(path);
        empty = text.isBlank();
        file = Layers.file(text, problems);
      } catch (IOException unreadable) {
        readable = false;
        String reason = unreadable.getClass().getSimpleName();
        problems.add(
            new Problem(
                Kind.FILE,
                Source.FILE,
                "cannot read the configuration file "
                    + ConfigText.shown(path)
                    + " ("
                    + reason
                    + ")"));
      }
    }
    List<Layer> layers = new ArrayList<>(fixed);
    layers.add(file);
    return new Reading(
        new Assembly(layers, providers, problems).settings(running), file, readable, empty, seen);
  }
}
