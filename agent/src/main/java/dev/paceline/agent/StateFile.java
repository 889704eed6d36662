package dev.paceline.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.paceline.call.Clock;
import dev.paceline.call.SnapshotStore;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what budgets have learned in a file, and the key of its hashes in another one beside it.
 * Scopes are hashes: neither keys nor hosts nor models can be read from it. What cannot be read
 * costs one line and is ignored.
 */
final class StateFile implements SnapshotStore, ToLongFunction<String> {
  private static final int VERSION = 1;
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_SCOPES = 1_000;

  /** Limits change with plans; after a week a first header is worth more. */
  private static final long USEFUL_MILLIS = 7L * 86_400_000;

  /** A clock that was set back by more makes nonsense of ages. */
  private static final long AHEAD_MILLIS = 3_600_000;

  private static final long MILLI = 1_000_000L;

  private record Entry(LimiterSnapshot memory, long at) {}

  /** A key in hexadecimal digits and a line's end. */
  private static final int MOST_KEY_BYTES = 64;

  /**
   * Longest time that a call waits for the key: a folder that does not answer (a network file
   * system) must not hold the application. A usual disk takes some milliseconds.
   */
  private static final long PATIENCE_NANOS = 500 * MILLI;

  /** What the disk said. */
  private record Opened(KeyedHash hash, boolean keyIsKept, Map<Long, Entry> known) {}

  private final PrivateFile file;
  private final PrivateFile keyFile;
  private final Clock clock;
  private final Consumer<String> warn;
  private final Executor background;
  private final long k0;
  private final long k1;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final CountDownLatch answered = new CountDownLatch(1);
  private final AtomicReference<@Nullable Opened> opened = new AtomicReference<>();
  private final AtomicBoolean warned = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock(); // of writers

  /** What this run has written, beside what it has read. */
  private volatile Map<Long, Entry> saved = Map.of();

  /**
   * Touches no file yet.
   *
   * @param random for the key
   * @param background reads, since that may block
   */
  StateFile(
      Path path, Clock clock, LongSupplier random, Consumer<String> warn, Executor background) {
    this(path, Path.of("/proc/self"), clock, random, warn, background);
  }

  StateFile(
      Path path,
      Path self,
      Clock clock,
      LongSupplier random,
      Consumer<String> warn,
      Executor background) {
    Path absolute = path.toAbsolutePath();
    this.file = new PrivateFile(absolute, self, random);
    this.keyFile =
        new PrivateFile(absolute.resolveSibling(absolute.getFileName() + ".key"), self, random);
    this.clock = clock;
    this.warn = warn;
    this.background = background;
    this.k0 = random.getAsLong();
    this.k1 = random.getAsLong();
  }

  /** The hash of a credential, under the key beside the file. */
  @Override
  public long applyAsLong(String text) {
    return opened().hash.applyAsLong(text);
  }

  @Override
  public @Nullable Recalled recall(Scope scope) {
    long id = id(scope);
    Entry entry = saved.getOrDefault(id, opened().known.get(id));
    if (entry == null) {
      return null;
    }
    long age = Math.max(0, clock.epochMillis() - entry.at);
    return new Recalled(entry.memory, age * MILLI);
  }

  private long id(Scope scope) {
    return applyAsLong(scope.provider() + '\n' + scope.owner() + '\n' + scope.model());
  }

  /**
   * Writes what was learned, beside what earlier runs learned of other scopes; may block for as
   * long as the disk does.
   */
  void save(Map<Scope, LimiterSnapshot> learned) {
    Opened found = opened();
    if (!found.keyIsKept) {
      return; // nobody could ever read it
    }
    lock.lock();
    try {
      long now = clock.epochMillis();
      Map<Long, Entry> all = new HashMap<>(found.known);
      all.putAll(saved);
      learned.forEach((scope, memory) -> all.put(id(scope), new Entry(memory, now)));
      file.replace(json(all, now));
      saved = Map.copyOf(all);
    } catch (IOException | RuntimeException e) {
      once("paceline.state.file could not be written: " + why(e));
    } finally {
      lock.unlock();
    }
  }

  private void once(String line) {
    if (warned.compareAndSet(false, true)) {
      warn.accept(line);
    }
  }

  /** Messages of the file system quote paths; those of {@link PrivateFile} say what is wrong. */
  static String why(Exception e) {
    return e.getClass() == IOException.class && e.getMessage() != null
        ? e.getMessage()
        : e.getClass().getName();
  }

  // --- opening

  /** Begins to read in the background, so that the first call need not wait for it. */
  void open() {
    if (asked.compareAndSet(false, true)) {
      background.execute(this::read);
    }
  }

  private Opened opened() {
    Opened found = opened.get();
    if (found != null) {
      return found;
    }
    open();
    if (!answeredInTime() && opened.compareAndSet(null, unkept())) {
      once("paceline.state.file is not used: its folder did not answer in time");
    }
    return Objects.requireNonNull(opened.get());
  }

  /** Not ended by an interrupt: the call that waits here has not begun, and decides for all. */
  private boolean answeredInTime() {
    boolean interrupted = false;
    long until = System.nanoTime() + PATIENCE_NANOS;
    try {
      while (true) {
        try {
          return answered.await(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void read() {
    Opened found = unkept();
    try {
      KeyedHash hash = key();
      found = new Opened(hash, true, load());
    } catch (IOException | RuntimeException e) {
      once(
          "the key beside paceline.state.file can neither be read nor made, so nothing is kept: "
              + why(e));
    } finally {
      opened.compareAndSet(null, found);
      answered.countDown();
    }
  }

  private Opened unkept() {
    return new Opened(new KeyedHash(k0, k1), false, Map.of());
  }

  private KeyedHash key() throws IOException {
    byte[] fresh = String.format(Locale.ROOT, "%016x%016x%n", k0, k1).getBytes(US_ASCII);
    try {
      return parsedKey(keyFile.read(MOST_KEY_BYTES));
    } catch (NoSuchFileException first) {
      try {
        keyFile.create(fresh);
      } catch (FileAlreadyExistsException another) {
        // Another process at its first start: its key is whole, and is the one that counts.
        return parsedKey(keyFile.read(MOST_KEY_BYTES));
      }
    } catch (NumberFormatException halfWritten) {
      keyFile.replace(fresh);
      return parsedKey(keyFile.read(MOST_KEY_BYTES));
    }
    return new KeyedHash(k0, k1);
  }

  /**
   * @throws NumberFormatException when it is none
   */
  private static KeyedHash parsedKey(byte[] bytes) {
    String text = new String(bytes, US_ASCII).trim();
    if (!text.matches("[0-9a-f]{32}")) {
      throw new NumberFormatException("not a key");
    }
    return new KeyedHash(
        Long.parseUnsignedLong(text.substring(0, 16), 16),
        Long.parseUnsignedLong(text.substring(16), 16));
  }

  // --- the file

  private Map<Long, Entry> load() {
    try {
      return parse(file.read(MOST_BYTES), clock.epochMillis());
    } catch (NoSuchFileException first) {
      return Map.of();
    } catch (IOException | RuntimeException e) {
      once("paceline.state.file is ignored, because it cannot be read: " + why(e));
      return Map.of();
    }
  }

  private static byte[] json(Map<Long, Entry> all, long now) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(bytes)) {
      out.writeStartObject();
      out.writeNumberField("version", VERSION);
      out.writeNumberField("at", now);
      out.writeArrayFieldStart("scopes");
      List<Map.Entry<Long, Entry>> newest = new ArrayList<>(all.entrySet());
      newest.sort((a, b) -> Long.compare(b.getValue().at, a.getValue().at));
      for (Map.Entry<Long, Entry> e : newest.subList(0, Math.min(MOST_SCOPES, newest.size()))) {
        if (now - e.getValue().at <= USEFUL_MILLIS) {
          scope(out, e.getKey(), e.getValue());
        }
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void scope(JsonGenerator out, long id, Entry entry) throws IOException {
    LimiterSnapshot memory = entry.memory;
    out.writeStartObject();
    out.writeStringField("scope", Long.toHexString(id));
    out.writeNumberField("at", entry.at);
    out.writeNumberField("gate", memory.gate());
    out.writeStringField("limit", memory.lastLimit().tag());
    out.writeNumberField("cap", memory.cap());
    out.writeNumberField("grows", memory.capGrows());
    out.writeNumberField("burst", memory.burst());
    out.writeNumberField("haste", memory.haste());
    out.writeNumberField("rate", memory.rate());
    out.writeNumberField("requests", memory.owedRequests());
    out.writeNumberField("tokens", memory.owedTokens());
    out.writeArrayFieldStart("lines");
    for (LimiterSnapshot.Line line : memory.lines()) {
      out.writeStartObject();
      out.writeStringField("limit", line.limit().tag());
      out.writeNumberField("max", line.max());
      out.writeNumberField("left", line.left());
      out.writeNumberField("window", line.window());
      out.writeStringField("counted", line.counted());
      out.writeNumberField("ends", line.ends());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  // --- reading

  /** What is in an object, by name: texts as they are, objects in "lines" as a list. */
  private static final class Fields {
    final Map<String, String> texts = new HashMap<>();
    final List<Fields> lines = new ArrayList<>();

    String text(String name) throws IOException {
      String text = texts.get(name);
      if (text == null) {
        throw new IOException("incomplete");
      }
      return text;
    }

    long number(String name) throws IOException {
      return Long.parseLong(text(name));
    }

    double decimal(String name) throws IOException {
      return Double.parseDouble(text(name));
    }
  }

  static Map<Long, LimiterSnapshot> memories(byte[] bytes, long now) throws IOException {
    Map<Long, LimiterSnapshot> memories = new HashMap<>();
    parse(bytes, now).forEach((id, entry) -> memories.put(id, entry.memory));
    return memories;
  }

  private static Map<Long, Entry> parse(byte[] bytes, long now) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      Fields root = fields(parser, 0);
      if (root.number("version") != VERSION) {
        return Map.of();
      }
      Map<Long, Entry> entries = new HashMap<>();
      for (Fields scope : root.lines) {
        long at = scope.number("at");
        if (now - at <= USEFUL_MILLIS && at - now <= AHEAD_MILLIS && entries.size() < MOST_SCOPES) {
          try {
            entries.put(
                Long.parseUnsignedLong(scope.text("scope"), 16), new Entry(memory(scope), at));
          } catch (IllegalArgumentException impossible) {
            // One scope with impossible figures must not lose the others.
          }
        }
      }
      return Map.copyOf(entries);
    }
  }

  private static LimiterSnapshot memory(Fields scope) throws IOException {
    List<LimiterSnapshot.Line> lines = new ArrayList<>();
    for (Fields line : scope.lines) {
      lines.add(
          new LimiterSnapshot.Line(
              limit(line.text("limit")),
              line.number("max"),
              line.number("left"),
              line.number("window"),
              line.text("counted"),
              line.number("ends")));
    }
    return new LimiterSnapshot(
        lines,
        scope.number("gate"),
        limit(scope.text("limit")),
        Math.toIntExact(scope.number("cap")),
        scope.number("grows"),
        scope.decimal("burst"),
        scope.decimal("haste"),
        scope.decimal("rate"),
        scope.number("requests"),
        scope.number("tokens"));
  }

  private static Limit limit(String tag) {
    return Limit.valueOf(tag.toUpperCase(Locale.ROOT));
  }

  /** Reads one object; arrays hold objects only. */
  private static Fields fields(JsonParser parser, int depth) throws IOException {
    if (depth > 2) {
      throw new IOException("too deep");
    }
    Fields fields = new Fields();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_ARRAY) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          fields.lines.add(fields(parser, depth + 1));
        }
      } else if (value != null && value.isScalarValue()) {
        fields.texts.put(name, parser.getText());
      } else {
        throw new IOException("unexpected");
      }
    }
    return fields;
  }
}
