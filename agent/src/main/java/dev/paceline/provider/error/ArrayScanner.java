package dev.paceline.provider.error;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Google's stream without {@code alt=sse}: a JSON array whose elements are the chunks. A body that
 * begins with anything but an array is an ordinary answer and is not looked at any further.
 */
final class ArrayScanner implements StreamErrors.Scanner {
  private enum State {
    BEFORE,
    BETWEEN,
    ELEMENT,
    OVER
  }

  private State state = State.BEFORE;
  private byte[] event = new byte[512];
  private int length;
  private int depth;
  private boolean text;
  private boolean escaped;
  private boolean begun;

  @Override
  public StreamErrors.@Nullable Found feed(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit() && state != State.OVER; i++) {
      StreamErrors.Found found = take(bytes.get(i));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private StreamErrors.@Nullable Found take(byte b) {
    switch (state) {
      case BEFORE -> {
        if (b > ' ' || b < 0) {
          state = b == '[' ? State.BETWEEN : State.OVER;
          begun |= state == State.OVER;
        }
      }
      case BETWEEN -> {
        if (b == '{') {
          state = State.ELEMENT;
          length = 0;
          depth = 0;
          return inElement(b);
        }
        if (b != ',' && (b > ' ' || b < 0)) {
          state = State.OVER; // its end, or a list of something else
          begun = true;
        }
      }
      case ELEMENT -> {
        return inElement(b);
      }
      case OVER -> {}
    }
    return null;
  }

  private StreamErrors.@Nullable Found inElement(byte b) {
    keep(b);
    if (text) {
      if (escaped) {
        escaped = false;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == '"') {
        text = false;
      }
      return null;
    }
    switch (b) {
      case '"' -> text = true;
      case '{', '[' -> depth++;
      case '}', ']' -> depth--;
      default -> {}
    }
    if (depth > 0) {
      return null;
    }
    state = State.BETWEEN;
    begun = true;
    return error();
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

  private StreamErrors.@Nullable Found error() {
    if (!LineScanner.maySayError(event, length)) {
      return null;
    }
    LenientJson.Node node = LenientJson.parse(event, 0, length);
    LenientJson.Node error = node == null ? null : ErrorEvents.errorIn(node, false);
    return error == null ? null : new StreamErrors.Found(null, error);
  }

  @Override
  public StreamErrors.@Nullable Found end() {
    boolean open = state == State.ELEMENT;
    state = State.OVER;
    return open ? error() : null;
  }

  @Override
  public boolean begun() {
    return begun;
  }
}
