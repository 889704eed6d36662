package dev.paceline.provider.error;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * AWS's event stream: frames of a prelude (length of the frame, length of its headers, a checksum,
 * four bytes each), headers, payload and a checksum. Only exception frames are kept, the payload of
 * the others is passed over by its length.
 */
final class AwsScanner implements StreamErrors.Scanner {
  private static final int PRELUDE = 12;
  private static final int CHECKSUM = 4;
  private static final int MAX_HEADERS = 4 * 1024;

  /** What a frame's string headers are, by their type byte. */
  private static final int STRING = 7;

  private final byte[] prelude = new byte[PRELUDE];
  private byte[] headers = {};
  private byte[] payload = {};
  private int at;
  private int frameLength;
  private int headersLength;
  private @Nullable String exception;
  private boolean lost;
  private boolean begun;

  @Override
  public StreamErrors.@Nullable Found feed(ByteBuffer bytes) {
    int i = bytes.position();
    while (i < bytes.limit() && !lost) {
      if (at < PRELUDE) {
        prelude[at++] = bytes.get(i++);
        if (at == PRELUDE) {
          begin();
        }
        continue;
      }
      int headersEnd = PRELUDE + headersLength;
      int part = at < headersEnd ? headersEnd : frameLength - CHECKSUM;
      int n = Math.min(bytes.limit() - i, Math.max(0, part - at));
      if (at < headersEnd) {
        copy(bytes, i, headers, at - PRELUDE, n);
      } else if (exception != null) {
        copy(bytes, i, payload, at - headersEnd, n);
      }
      i += n;
      at += n;
      if (at == headersEnd && n > 0) {
        headersRead();
      }
      if (at >= frameLength - CHECKSUM) {
        String name = exception;
        if (name != null) {
          return new StreamErrors.Found(name, LenientJson.parse(payload, 0, payload.length));
        }
        int rest = Math.min(bytes.limit() - i, frameLength - at);
        i += rest;
        at += rest;
        if (at == frameLength) {
          begun = true;
          at = 0;
        }
      }
    }
    return null;
  }

  @Override
  public StreamErrors.@Nullable Found end() {
    String name = exception;
    int read = Math.max(0, Math.min(payload.length, at - PRELUDE - headersLength));
    return name == null || lost
        ? null
        : new StreamErrors.Found(name, read == 0 ? null : LenientJson.parse(payload, 0, read));
  }

  @Override
  public boolean begun() {
    return begun;
  }

  private void begin() {
    frameLength = number(prelude, 0);
    headersLength = number(prelude, 4);
    exception = null;
    // A frame is at most 16 MiB (the protocol's own bound); anything else is no event stream.
    lost =
        frameLength < PRELUDE + CHECKSUM
            || frameLength > 16 * 1024 * 1024 + PRELUDE + CHECKSUM
            || headersLength < 0
            || headersLength > frameLength - PRELUDE - CHECKSUM;
    int kept = lost ? 0 : Math.min(headersLength, MAX_HEADERS);
    headers = headers.length == kept ? headers : new byte[kept];
  }

  private void headersRead() {
    exception = exceptionIn(headers);
    if (exception != null) {
      int size = frameLength - CHECKSUM - PRELUDE - headersLength;
      payload = new byte[Math.min(size, StreamErrors.MAX_EVENT)];
    }
  }

  /**
   * {@code :exception-type} of an exception frame, {@code :error-code} of an error frame; null for
   * an event.
   */
  private static @Nullable String exceptionIn(byte[] headers) {
    int at = 0;
    while (at < headers.length) {
      int nameLength = headers[at++] & 0xff;
      if (at + nameLength + 3 > headers.length) {
        return null;
      }
      String name = new String(headers, at, nameLength, StandardCharsets.UTF_8);
      at += nameLength;
      int type = headers[at++];
      if (type != STRING) {
        return null; // Bedrock's frames have no others
      }
      int length = ((headers[at] & 0xff) << 8) | (headers[at + 1] & 0xff);
      at += 2;
      if (at + length > headers.length) {
        return null;
      }
      if (name.equals(":exception-type") || name.equals(":error-code")) {
        return new String(headers, at, length, StandardCharsets.UTF_8);
      }
      at += length;
    }
    return null;
  }

  private static int number(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).getInt(at);
  }

  private static void copy(ByteBuffer from, int index, byte[] to, int at, int length) {
    int n = Math.min(length, to.length - at);
    if (n > 0) {
      from.get(index, to, at, n);
    }
  }
}
