package dev.paceline.config;

import dev.paceline.config.Layer.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Follows the configuration file: whoever owns a timer calls {@link #poll()} every 2.5 s. A file
 * that is gone, unreadable, half written, emptied or wrong changes nothing: the last good settings
 * stay. A change is taken over when two polls saw the same, that is within five seconds. Only
 * {@link #current()} may be called from other threads than the one that polls.
 */
public final class ConfigWatcher {
  /** How often {@link #poll()} is meant to be called, in nanoseconds. */
  public static final long PERIOD_NANOS = 2_500_000_000L;

  private final ConfigReader reader;
  private final FileAccess files;
  private final Consumer<Settings> onChange;
  private final Consumer<String> say;
  private final Set<String> saidPinned = new HashSet<>();
  private volatile Settings current;
  private Layer file;
  private FileStamp last;
  private FileStamp seen;
  private Optional<FileStamp> saidUnreadable = Optional.empty();

  /**
   * What a poll came to; {@code APPLIED} and {@code REFUSED} are reloads that went well and failed.
   */
  public enum Outcome {
    UNCHANGED,
    APPLIED,
    REFUSED
  }

  /**
   * Reads for the first time; problems of that reading are in the settings and not said.
   *
   * @param onChange told of new settings, on the polling thread, after {@link #current()} gives
   *     them
   * @param say takes lines for the log
   */
  public ConfigWatcher(
      Inputs inputs,
      FileAccess files,
      ProviderNames providers,
      Consumer<Settings> onChange,
      Consumer<String> say) {
    this.reader = new ConfigReader(inputs, files, providers);
    this.files = files;
    this.onChange = onChange;
    this.say = say;
    ConfigReader.Reading first = reader.read(Optional.empty());
    this.current = first.settings();
    this.file = first.file();
    this.last = first.readable() ? first.seen() : FileStamp.ABSENT;
    this.seen = last;
  }

  /** The settings in force. */
  public Settings current() {
    return current;
  }

  /** Whether there is a file to follow; without one, polling is not needed. */
  public boolean followsFile() {
    return !reader.path().isEmpty();
  }

  /** Looks at the file and takes it over when it has changed and is good. */
  public Outcome poll() {
    if (!followsFile()) {
      return Outcome.UNCHANGED;
    }
    FileStamp now = files.fingerprint(reader.path());
    boolean still = now.equals(seen);
    seen = now;
    if (now.equals(last) || !still) {
      // A file that is written bit by bit would be taken over bit by bit.
      return Outcome.UNCHANGED;
    }
    if (now.equals(FileStamp.ABSENT)) {
      last = now;
      say.accept(
          "the configuration file "
              + ConfigText.shown(reader.path())
              + " is gone; the settings in force stay");
      return Outcome.REFUSED;
    }
    ConfigReader.Reading reading = reader.read(Optional.of(current));
    if (!reading.seen().equals(now) || !files.fingerprint(reader.path()).equals(now)) {
      // Somebody is still writing: what was read may be half of it.
      return Outcome.UNCHANGED;
    }
    if (!reading.readable()) {
      return unreadable(now, reading);
    }
    last = now;
    saidUnreadable = Optional.empty();
    if (reading.empty() && !file.entries().isEmpty()) {
      say.accept("the configuration file is empty; the settings in force stay");
      return Outcome.REFUSED;
    }
    return refused(reading) ? Outcome.REFUSED : apply(reading);
  }

  /**
   * Tries again at every poll, because a changed permission shows in no fingerprint; says so once.
   */
  private Outcome unreadable(FileStamp now, ConfigReader.Reading reading) {
    if (saidUnreadable.filter(now::equals).isPresent()) {
      return Outcome.UNCHANGED;
    }
    saidUnreadable = Optional.of(now);
    reading.settings().problems().stream()
        .filter(problem -> problem.kind() == Problem.Kind.FILE)
        .forEach(problem -> say.accept(problem.line() + "; the settings in force stay"));
    return Outcome.REFUSED;
  }

  private boolean refused(ConfigReader.Reading reading) {
    boolean strict = current.get(Keys.CONFIG_STRICT);
    List<Problem> reasons =
        reading.settings().problems().stream()
            .filter(problem -> problem.source() == Source.FILE)
            .filter(problem -> problem.refusesReload() || (strict && problem.serious()))
            .toList();
    if (!reasons.isEmpty()) {
      // Unknown keys too: in a file of nothing else, they say what was meant.
      Problem.lines(
              reading.settings().problems().stream()
                  .filter(problem -> problem.source() == Source.FILE && problem.serious())
                  .toList())
          .forEach(say);
      say.accept("the changed configuration file is refused; the settings in force stay");
    }
    return !reasons.isEmpty();
  }

  private Outcome apply(ConfigReader.Reading reading) {
    Settings before = current;
    Settings after = reading.settings();
    List<String> lines = new ArrayList<>();
    Set<Problem> known = new HashSet<>(before.problems());
    lines.addAll(
        Problem.lines(
            after.problems().stream().filter(problem -> !known.contains(problem)).toList()));
    List<String> changes = changes(before, after);
    lines.addAll(changes);
    lines.addAll(withoutEffect(file, reading.file()));
    current = after;
    file = reading.file();
    lines.forEach(say);
    if (!changes.isEmpty()) {
      onChange.accept(after);
    }
    return Outcome.APPLIED;
  }

  private static List<String> changes(Settings before, Settings after) {
    Map<String, Setting<?>> old = byName(before);
    Map<String, Setting<?>> now = byName(after);
    Set<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      Setting<?> was = old.get(name);
      Setting<?> is = now.get(name);
      if (was == null || is == null || !Objects.equals(was.value(), is.value())) {
        String source = is == null ? "" : " (" + is.source().text() + ")";
        lines.add("changed: " + Key.PREFIX + name + " " + shown(was) + " -> " + shown(is) + source);
      }
    }
    if (before.enabled() != after.enabled()
        && before.get(Keys.ENABLED).equals(after.get(Keys.ENABLED))) {
      lines.add(
          after.enabled()
              ? "switched on: the configuration has no problem any more"
              : "switched off");
    }
    return lines;
  }

  private static String shown(@org.jspecify.annotations.Nullable Setting<?> setting) {
    return setting == null || setting.text().isEmpty()
        ? "(none)"
        : ConfigText.shown(setting.text());
  }

  private static Map<String, Setting<?>> byName(Settings settings) {
    Map<String, Setting<?>> map = new LinkedHashMap<>();
    settings.all().forEach(setting -> map.put(setting.name(), setting));
    return map;
  }

  /** Changes in the file that change nothing, each with the reason. */
  private List<String> withoutEffect(Layer before, Layer after) {
    Set<String> names = new TreeSet<>(before.entries().keySet());
    names.addAll(after.entries().keySet());
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      if (Objects.equals(text(before, name), text(after, name))) {
        continue;
      }
      Optional<Entry> stronger = reader.pinned(name);
      Key<?> key = Keys.byName().get(name);
      if (stronger.isPresent()) {
        if (saidPinned.add(name)) {
          String text = stronger.get().text();
          String pin =
              stronger.get().place()
                  + " ("
                  + ConfigText.shown(key == null ? text : key.shown(text))
                  + ")";
          lines.add(Key.PREFIX + name + " in the file has no effect: it is pinned by " + pin);
        }
      } else if (key != null && !key.dynamic()) {
        lines.add(key.property() + " in the file has changed: that takes effect at the next start");
      }
    }
    return lines;
  }

  private static Optional<String> text(Layer layer, String name) {
    return Optional.ofNullable(layer.entries().get(name)).map(Entry::text);
  }
}
