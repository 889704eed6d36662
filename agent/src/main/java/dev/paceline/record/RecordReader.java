package dev.paceline.record;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Reads a record line by line; what is no line of a record is counted and passed over. */
public final class RecordReader {
  private long calls;
  private long bad;
  private long dropped;

  /**
   * Reads to the end; holds one line at a time.
   *
   * @throws IOException when the stream fails
   */
  public void read(InputStream stream, Consumer<CallRecord> each) throws IOException {
    byte[] piece = new byte[1 << 16];
    byte[] line = new byte[RecordFormat.LONGEST_LINE];
    int length = 0;
    boolean tooLong = false;
    for (int read = stream.read(piece); read >= 0; read = stream.read(piece)) {
      int from = 0;
      for (int i = 0; i <= read; i++) {
        if (i == read || piece[i] == '\n') {
          tooLong |= i - from > line.length - length;
          if (!tooLong) {
            System.arraycopy(piece, from, line, length, i - from);
            length += i - from;
          }
          from = i + 1;
          if (i < read) {
            line(line, length, tooLong, each);
            length = 0;
            tooLong = false;
          }
        }
      }
    }
    line(line, length, tooLong, each);
  }

  private void line(byte[] bytes, int length, boolean tooLong, Consumer<CallRecord> each) {
    if (tooLong) {
      bad++;
      return;
    }
    if (blank(bytes, length)) {
      return;
    }
    CallRecord call;
    try {
      RecordFormat.Line line = RecordFormat.parse(bytes, length);
      call = line.call();
      dropped += line.dropped();
    } catch (IOException | RuntimeException notOurs) {
      bad++;
      return;
    }
    if (call != null) {
      calls++;
      each.accept(call);
    }
  }

  private static boolean blank(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] > ' ' || bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Calls that were read. */
  public long calls() {
    return calls;
  }

  /** Lines that are none of a record, or of another version. */
  public long bad() {
    return bad;
  }

  /** Calls that the agent did not write, because it could not keep up. */
  public long dropped() {
    return dropped;
  }
}
