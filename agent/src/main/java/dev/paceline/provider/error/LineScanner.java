package dev.paceline.provider.error;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events and JSON lines. An event is parsed only when its bytes hold a word that every
 * error has, so a stream without errors costs a copy and a search.
 */
final class LineScanner implements StreamErrors.Scanner {
  private static final byte[][] SIGNS = {
    "\"error".getBytes(StandardCharsets.US_ASCII),
    "\"response.failed".getBytes(StandardCharsets.US_ASCII),
    "\"response.done".getBytes(StandardCharsets.US_ASCII),
    "\"base_resp".getBytes(StandardCharsets.US_ASCII)
  };

  /** What the line that is being read is. */
  private enum Line {
    /** Its first bytes are not enough to tell. */
    BEGINS,
    DATA,
    NAME,
    /** A line of JSON: an event by itself. */
    JSON,
    OTHER
  }

  private byte[] event = new byte[512];
  private int length;
  private final byte[] head = new byte[6];
  private int headLength;
  private final byte[] name = new byte[32];
  private int nameLength;
  private boolean namedError;
  private Line line = Line.BEGINS;
  private boolean afterReturn;
  private boolean begun;

  @Override
  public StreamErrors.@Nullable Found feed(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      int rest = restOfLine(bytes, i);
      if (rest > 0) {
        i += rest - 1;
        continue;
      }
      byte b = bytes.get(i);
      if (b == '\n' && afterReturn) {
        afterReturn = false;
        continue;
      }
      afterReturn = b == '\r';
      if (b == '\n' || b == '\r') {
        StreamErrors.Found found = lineEnds();
        if (found != null) {
          return found;
        }
      } else {
        take(b);
      }
    }
    return null;
  }

  /** Takes the bytes of a line whose kind is known up to its end, all at once; 0 for none. */
  private int restOfLine(ByteBuffer bytes, int from) {
    if (line == Line.BEGINS || line == Line.NAME) {
      return 0;
    }
    int end = from;
    int limit = bytes.limit();
    while (end < limit && bytes.get(end) != '\n' && bytes.get(end) != '\r') {
      end++;
    }
    int count = end - from;
    if (count > 0) {
      afterReturn = false;
    }
    int kept = line == Line.OTHER ? 0 : Math.min(count, StreamErrors.MAX_EVENT - length);
    if (kept > 0) {
      if (length + kept > event.length) {
        int size = Math.max(length + kept, event.length * 4);
        event = Arrays.copyOf(event, Math.min(StreamErrors.MAX_EVENT, size));
      }
      bytes.get(from, event, length, kept);
      length += kept;
    }
    return count;
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public StreamErrors.@Nullable Found end() {
    StreamErrors.Found found = lineEnds();
    return found == null ? eventEnds() : found;
  }

  private void take(byte b) {
    switch (line) {
      case BEGINS -> begin(b);
      case NAME -> {
        if (nameLength < name.length) {
          name[nameLength++] = b;
        }
      }
      case DATA, JSON, OTHER -> {} // taken by restOfLine
    }
  }

  private void begin(byte b) {
    if (headLength == 0 && b == '{') {
      line = Line.JSON;
      length = 0;
      keep(b);
      return;
    }
    head[headLength++] = b;
    if (headLength == 5 && is("data:")) {
      line = Line.DATA;
      if (length > 0) {
        keep((byte) '\n');
      }
    } else if (headLength == 6) {
      line = is("event:") ? Line.NAME : Line.OTHER;
      nameLength = 0;
    }
  }

  private boolean is(String text) {
    return ErrorEvents.starts(head, 0, headLength, text);
  }

  private void keep(byte b) {
    if (length == event.length) {
      if (length >= StreamErrors.MAX_EVENT) {
        return;
      }
      event = Arrays.copyOf(event, Math.min(StreamErrors.MAX_EVENT, length * 4));
    }
    event[length++] = b;
  }

  private StreamErrors.@Nullable Found lineEnds() {
    Line ended = line;
    boolean empty = ended == Line.BEGINS && headLength == 0;
    line = Line.BEGINS;
    headLength = 0;
    if (ended == Line.NAME) {
      String text = new String(name, 0, nameLength, StandardCharsets.UTF_8).trim();
      namedError = text.equals("error") || text.endsWith(".error");
      return null;
    }
    return empty || ended == Line.JSON ? eventEnds() : null;
  }

  private StreamErrors.@Nullable Found eventEnds() {
    boolean named = namedError;
    int size = length;
    namedError = false;
    length = 0;
    begun |= size > 0;
    if (size == 0 || !(named || maySayError(event, size))) {
      return null;
    }
    int start = 0;
    while (start < size && event[start] <= ' ' && event[start] >= 0) {
      start++;
    }
    if (start == size || event[start] != '{') {
      return null;
    }
    LenientJson.Node node = LenientJson.parse(event, start, size - start);
    LenientJson.Node error = node == null ? null : ErrorEvents.errorIn(node, named);
    return error == null ? null : new StreamErrors.Found(null, error);
  }

  /** Whether one of the names that every error has stands in what was kept of an event. */
  static boolean maySayError(byte[] event, int size) {
    for (int i = 0; i < size; i++) {
      if (event[i] == '"' && (i == 0 || event[i - 1] != '\\') && mayBegin(event, i + 1, size)) {
        for (byte[] sign : SIGNS) {
          if (i + sign.length <= size
              && Arrays.equals(event, i, i + sign.length, sign, 0, sign.length)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Most names are none of the signs, which their first letter tells already. */
  private static boolean mayBegin(byte[] event, int at, int size) {
    return at < size && (event[at] == 'e' || event[at] == 'r' || event[at] == 'b');
  }
}
