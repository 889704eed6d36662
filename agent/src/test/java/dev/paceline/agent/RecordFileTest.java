package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.record.CallRecord;
import dev.paceline.record.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
  private static final long KIB = 1_024;

  @TempDir Path dir;

  private final List<String> warnings = new ArrayList<>();
  private final List<Throwable> faults = new ArrayList<>();
  private final List<Runnable> writers = new ArrayList<>();

  private Path file() {
    return dir.resolve("calls.jsonl");
  }

  private RecordFile opened(Path path, long maxBytes, int keep) {
    return new RecordFile(
        path, Path.of("/proc/self"), maxBytes, keep, warnings::add, faults::add, writers::add);
  }

  /** The writer ends when the JVM does; here on the test's own thread. */
  private void write(RecordFile record) {
    Thread ends = new Thread(record::finish);
    ends.start();
    writers.forEach(Runnable::run);
    try {
      ends.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static CallRecord call(long at) {
    return new CallRecord(
        at, "openai", "gpt-4o", 100, 20, 98, 0, 17, 1_500, 2_500, 900, 1, 0, CallRecord.SUCCESS);
  }

  private static RecordReader read(Path path, List<CallRecord> calls) throws IOException {
    RecordReader reader = new RecordReader();
    try (InputStream in = Files.newInputStream(path)) {
      reader.read(in, calls::add);
    }
    return reader;
  }

  @Test
  void whatIsWrittenIsReadBackAndAddedTo() throws IOException {
    RecordFile record = opened(file(), 64 * KIB, 1);
    record.accept(call(1));
    record.accept(call(2));
    write(record);
    writers.clear();
    RecordFile next = opened(file(), 64 * KIB, 1);
    next.accept(call(3));
    write(next);

    List<CallRecord> calls = new ArrayList<>();
    assertThat(read(file(), calls).bad()).isZero();
    assertThat(calls).containsExactly(call(1), call(2), call(3));
    assertThat(warnings).isEmpty();
  }

  @Test
  void onlyItsOwnerMayReadIt() throws IOException {
    RecordFile record = opened(file(), 64 * KIB, 1);
    record.accept(call(1));
    write(record);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void noFileIsTouchedAndNoThreadBegunBeforeTheFirstCall() throws IOException {
    RecordFile record = opened(file(), 64 * KIB, 1);
    record.finish();

    assertThat(writers).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @Test
  void aFullFileIsRenamedAndTheOldestGoes() throws IOException {
    RecordFile record = opened(file(), 64 * KIB, 2);
    // A batch is some 80 KiB and goes into a file of its own.
    for (int i = 0; i < 2_048; i++) {
      record.accept(call(i));
    }
    write(record);

    try (var files = Files.list(dir)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("calls.jsonl", "calls.jsonl.1", "calls.jsonl.2");
    }
    List<CallRecord> newest = new ArrayList<>();
    read(file(), newest);
    assertThat(newest.get(newest.size() - 1).at()).isEqualTo(2_047);
    List<CallRecord> oldest = new ArrayList<>();
    read(dir.resolve("calls.jsonl.2"), oldest);
    assertThat(oldest.get(0).at()).isEqualTo(512);
  }

  @Test
  void callsBeyondTheQueueAreCountedInTheRecordAndOnOneLine() throws IOException {
    RecordFile record = opened(file(), 64_000 * KIB, 1);
    for (int i = 0; i < RecordFile.MOST_QUEUED + 7; i++) {
      record.accept(call(i));
    }
    write(record);

    List<CallRecord> calls = new ArrayList<>();
    assertThat(read(file(), calls).dropped()).isEqualTo(7);
    assertThat(calls).hasSize(RecordFile.MOST_QUEUED);
    assertThat(warnings).singleElement().asString().contains("some are missing");
  }

  @Test
  void aMissingFolderSwitchesItOffWithOneLine() {
    RecordFile record = opened(dir.resolve("absent").resolve("calls.jsonl"), 64 * KIB, 1);
    record.accept(call(1));
    write(record);
    record.accept(call(2));

    assertThat(writers).hasSize(1);
    assertThat(warnings).singleElement().asString().contains("nothing is recorded any more");
    assertThat(warnings.get(0)).doesNotContain(dir.toString());
    assertThat(faults).isEmpty();
  }

  @Test
  void whatOthersMayReadIsNotAddedTo() throws IOException {
    Files.writeString(file(), "");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
    RecordFile record = opened(file(), 64 * KIB, 1);
    record.accept(call(1));
    write(record);

    assertThat(warnings).singleElement().asString().contains("chmod 600");
    assertThat(Files.size(file())).isZero();
  }

  @Test
  void aDeviceIsNotWritten() {
    RecordFile record = opened(Path.of("/dev/full"), 64 * KIB, 1);
    record.accept(call(1));
    write(record);

    assertThat(warnings).singleElement().asString().contains("not a regular file");
  }

  @Test
  void aFileThatAnotherWritesIsLeftToIt() throws IOException {
    RecordFile first = opened(file(), 64 * KIB, 1);
    first.accept(call(1));
    Thread running = new Thread(writers.remove(0));
    running.start();
    try {
      while (!Files.exists(file()) || Files.size(file()) == 0) {
        Thread.onSpinWait();
      }
      RecordFile second = opened(file(), 64 * KIB, 1);
      second.accept(call(2));
      write(second);
      assertThat(warnings).singleElement().asString().contains("nothing is recorded any more");
    } finally {
      first.finish();
    }
    List<CallRecord> calls = new ArrayList<>();
    read(file(), calls);
    assertThat(calls).containsExactly(call(1));
  }
}
