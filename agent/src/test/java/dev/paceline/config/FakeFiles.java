package dev.paceline.config;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Files in memory; every write is a new modification time. */
final class FakeFiles implements FileAccess {
  private final Map<String, String> contents = new HashMap<>();
  private final Map<String, FileStamp> fingerprints = new HashMap<>();
  private final Set<String> unreadable = new HashSet<>();
  private Runnable beforeRead = () -> {};
  private long time;

  FakeFiles with(String path, String content) {
    write(path, content);
    return this;
  }

  void write(String path, String content) {
    contents.put(path, content);
    fingerprints.put(path, new FileStamp(path, content.length(), ++time));
  }

  void delete(String path) {
    contents.remove(path);
    fingerprints.remove(path);
  }

  void forbid(String path) {
    unreadable.add(path);
  }

  void allow(String path) {
    unreadable.remove(path);
  }

  /** Happens once, during the next read. */
  void duringNextRead(Runnable event) {
    beforeRead =
        () -> {
          beforeRead = () -> {};
          event.run();
        };
  }

  @Override
  public FileStamp fingerprint(String path) {
    return fingerprints.getOrDefault(path, FileStamp.ABSENT);
  }

  @Override
  public String read(String path) throws IOException {
    String content = contents.get(path);
    beforeRead.run();
    if (content == null || unreadable.contains(path)) {
      throw new IOException("no");
    }
    return content;
  }
}
