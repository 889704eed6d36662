package dev.paceline.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.paceline.call.Clock;
import dev.paceline.call.Memories;
import dev.paceline.limit.Memory;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
final class StateFile implements Memories, ToLongFunction<String> {
  private static final int VERSION = 1;
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_SCOPES = 1_000;

  /** Limits change with plans; after a week a first header is worth more. */
  private static final long USEFUL_MILLIS = 7L * 86_400_000;

  /** A clock that was set back by more makes nonsense of ages. */
  private static final long AHEAD_MILLIS = 3_600_000;

  private static final long MILLI = 1_000_000L;

  private record Entry(Memory memory, long at) {}

  private final Path file;
  private final Path keyFile;
  private final Clock clock;
  private final LongSupplier random;
  private final Consumer<String> warn;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock until they are set once.
  private volatile @Nullable KeyedHash hash;
  private volatile @Nullable Map<Long, Entry> known;
  private boolean keyIsKept;
  private boolean warned;

  /**
   * Touches no file yet.
   *
   * @param random for the key
   */
  StateFile(Path file, Clock clock, LongSupplier random, Consumer<String> warn) {
    this.file = file.toAbsolutePath();
    this.keyFile = this.file.resolveSibling(this.file.getFileName() + ".key");
    this.clock = clock;
    this.random = random;
    this.warn = warn;
  }

  /** The hash of a credential, under the key beside the file. */
  @Override
  public long applyAsLong(String text) {
    return hash().applyAsLong(text);
  }

  @Override
  public @Nullable Recalled recall(Scope scope) {
    Entry entry = known().get(id(scope));
    if (entry == null) {
      return null;
    }
    long age = Math.max(0, clock.epochMillis() - entry.at);
    return new Recalled(entry.memory, age * MILLI);
  }

  private long id(Scope scope) {
    return applyAsLong(scope.provider() + '\n' + scope.owner() + '\n' + scope.model());
  }

  /** Writes what was learned, beside what earlier runs learned of other scopes. */
  void save(Map<Scope, Memory> learned) {
    lock.lock();
    try {
      long now = clock.epochMillis();
      Map<Long, Entry> all = new HashMap<>(known());
      if (!keyIsKept) {
        return; // nobody could ever read it
      }
      learned.forEach((scope, memory) -> all.put(id(scope), new Entry(memory, now)));
      write(json(all, now));
      known = Map.copyOf(all);
    } catch (IOException | RuntimeException e) {
      once("paceline.state.file could not be written: " + e.getClass().getName());
    } finally {
      lock.unlock();
    }
  }

  private void once(String line) {
    if (!warned) {
      warned = true;
      warn.accept(line);
    }
  }

  // --- the key

  private KeyedHash hash() {
    KeyedHash known = hash;
    if (known != null) {
      return known;
    }
    lock.lock();
    try {
      KeyedHash made = hash;
      if (made == null) {
        made = key();
        hash = made;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  private KeyedHash key() {
    long k0 = random.getAsLong();
    long k1 = random.getAsLong();
    try {
      try {
        String text = String.format(Locale.ROOT, "%016x%016x%n", k0, k1);
        create(keyFile, text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      } catch (FileAlreadyExistsException another) {
        String text = new String(read(keyFile), java.nio.charset.StandardCharsets.US_ASCII).trim();
        if (!text.matches("[0-9a-f]{32}")) {
          throw new IOException("not a key");
        }
        k0 = Long.parseUnsignedLong(text.substring(0, 16), 16);
        k1 = Long.parseUnsignedLong(text.substring(16), 16);
      }
      keyIsKept = true;
    } catch (IOException | RuntimeException e) {
      once(
          "the key beside paceline.state.file can neither be read nor made, so nothing is kept: "
              + e.getClass().getName());
    }
    return new KeyedHash(k0, k1);
  }

  // --- the file

  private Map<Long, Entry> known() {
    Map<Long, Entry> read = known;
    if (read != null) {
      return read;
    }
    lock.lock();
    try {
      read = known;
      if (read == null) {
        hash();
        read = keyIsKept ? load() : Map.of();
        known = read;
      }
      return read;
    } finally {
      lock.unlock();
    }
  }

  private Map<Long, Entry> load() {
    try {
      return parse(read(file), clock.epochMillis());
    } catch (NoSuchFileException first) {
      return Map.of();
    } catch (IOException | RuntimeException e) {
      once("paceline.state.file is ignored, because it cannot be read: " + e.getClass().getName());
      return Map.of();
    }
  }

  private static byte[] read(Path path) throws IOException {
    try (var in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("too large");
      }
      return bytes;
    }
  }

  private void write(byte[] bytes) throws IOException {
    Path temporary =
        file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    Files.deleteIfExists(temporary);
    try {
      create(temporary, bytes);
      try {
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Never an existing file, nor one that a link names: readable for its owner from the start. */
  private static void create(Path path, byte[] bytes) throws IOException {
    FileAttribute<?>[] mode =
        path.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(path, options, mode)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true); // else a power cut could leave an empty file under the final name
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
    Memory memory = entry.memory;
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
    out.writeBooleanField("blind", memory.blind());
    out.writeNumberField("requests", memory.owedRequests());
    out.writeNumberField("tokens", memory.owedTokens());
    out.writeArrayFieldStart("lines");
    for (Memory.Line line : memory.lines()) {
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

  static Map<Long, Memory> memories(byte[] bytes, long now) throws IOException {
    Map<Long, Memory> memories = new HashMap<>();
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
          entries.put(
              Long.parseUnsignedLong(scope.text("scope"), 16), new Entry(memory(scope), at));
        }
      }
      return Map.copyOf(entries);
    }
  }

  private static Memory memory(Fields scope) throws IOException {
    List<Memory.Line> lines = new ArrayList<>();
    for (Fields line : scope.lines) {
      lines.add(
          new Memory.Line(
              limit(line.text("limit")),
              line.number("max"),
              line.number("left"),
              line.number("window"),
              line.text("counted"),
              line.number("ends")));
    }
    return new Memory(
        lines,
        scope.number("gate"),
        limit(scope.text("limit")),
        Math.toIntExact(scope.number("cap")),
        scope.number("grows"),
        scope.decimal("burst"),
        scope.decimal("haste"),
        scope.decimal("rate"),
        Boolean.parseBoolean(scope.text("blind")),
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
