package dev.paceline.call;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes gzip as it comes (RFC 1952), only to look at it: checksums are not checked, and what is
 * no gzip ends the looking. Decodes at most {@link #MOST} bytes, so that a body that was made to
 * swell costs no more than a long one.
 */
final class Gunzip {
  /** Far more than a stream of a model's words has. */
  static final long MOST = 32L << 20;

  private static final int FIXED = 10;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  /** Gets what was decoded; the buffer is valid during the call. */
  interface Out {
    void decoded(ByteBuffer bytes);
  }

  /** Where in the header the next byte stands. */
  private enum Part {
    FIXED,
    EXTRA_LENGTH,
    EXTRA,
    NAME,
    COMMENT,
    CRC,
    BODY,
    OVER
  }

  private final Inflater inflater = new Inflater(true);
  private final byte[] out = new byte[8 * 1024];
  private Part part = Part.FIXED;
  private int at;
  private int flags;
  private int extra;
  private long total;

  /**
   * Takes the next bytes, and moves the buffer's position.
   *
   * @return whether it is worth going on
   */
  boolean feed(ByteBuffer bytes, Out to) {
    while (part != Part.BODY && part != Part.OVER && bytes.hasRemaining()) {
      header(bytes.get() & 0xff);
    }
    if (part == Part.BODY) {
      body(bytes, to);
    }
    return part != Part.OVER;
  }

  private void body(ByteBuffer bytes, Out to) {
    inflater.setInput(bytes);
    try {
      while (part == Part.BODY) {
        int n = inflater.inflate(out);
        if (n > 0) {
          total += n;
          to.decoded(ByteBuffer.wrap(out, 0, n));
        } else if (inflater.needsInput() && !inflater.finished()) {
          return;
        }
        if (inflater.finished() || inflater.needsDictionary() || total >= MOST) {
          part = Part.OVER;
        }
      }
    } catch (DataFormatException e) {
      part = Part.OVER; // the application's own decoder will say so
    }
  }

  private void header(int b) {
    switch (part) {
      case FIXED -> {
        if (at == 0 && b != 0x1f || at == 1 && b != 0x8b || at == 2 && b != 8) {
          part = Part.OVER;
          return;
        }
        flags = at == 3 ? b : flags;
        next(at + 1 == FIXED, Part.EXTRA_LENGTH);
      }
      case EXTRA_LENGTH -> {
        extra |= b << (8 * at);
        next(at == 1, Part.EXTRA);
      }
      case EXTRA -> next(at + 1 == extra, Part.NAME);
      case NAME -> next(b == 0, Part.COMMENT);
      case COMMENT -> next(b == 0, Part.CRC);
      case CRC -> next(at == 1, Part.BODY);
      case BODY, OVER -> {}
    }
  }

  private void next(boolean done, Part following) {
    at++;
    if (!done) {
      return;
    }
    at = 0;
    part = following;
    while (absent()) {
      part = Part.values()[part.ordinal() + 1];
    }
  }

  /** Whether the header says that it has no such part. */
  private boolean absent() {
    return switch (part) {
      case EXTRA_LENGTH -> (flags & EXTRA) == 0;
      case EXTRA -> extra == 0;
      case NAME -> (flags & NAME) == 0;
      case COMMENT -> (flags & COMMENT) == 0;
      case CRC -> (flags & HEADER_CRC) == 0;
      default -> false;
    };
  }

  /** Gives its memory back. */
  void close() {
    part = Part.OVER;
    inflater.end();
  }
}
