package dev.paceline.tokens;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes {@code Content-Encoding: gzip} or {@code deflate} of a body that comes in pieces. */
final class Inflating implements Feed {
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int CHECKSUM = 2;
  private static final int TRAILER = 8;

  private enum In {
    FIXED,
    EXTRA_LENGTH,
    EXTRA,
    NAME,
    COMMENT,
    CHECKSUM,
    DATA,
    TRAILER,
    BROKEN
  }

  private final Feed feed;
  private final boolean gzip;
  private final byte[] plain = new byte[8 * 1024];
  private Inflater inflater = new Inflater(true);
  private In in;

  /** Bytes of the current part of the header or trailer that were seen. */
  private int seen;

  private int flags;
  private int extra;
  private boolean begun;
  private boolean closed;

  Inflating(Feed feed, boolean gzip) {
    this.feed = feed;
    this.gzip = gzip;
    this.in = gzip ? In.FIXED : In.DATA;
  }

  @Override
  public void feed(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && in != In.BROKEN && !closed) {
      if (in == In.DATA) {
        at = data(bytes, at, end);
      } else {
        header(bytes[at++] & 0xff);
      }
    }
  }

  private void header(int b) {
    switch (in) {
      case FIXED -> {
        if ((seen == 0 && b != 0x1f) || (seen == 1 && b != 0x8b) || (seen == 2 && b != 8)) {
          in = In.BROKEN;
        } else if (seen == 3) {
          flags = b;
        }
        if (++seen == 10 && in == In.FIXED) {
          next(In.EXTRA_LENGTH);
        }
      }
      case EXTRA_LENGTH -> {
        extra = seen == 0 ? b : extra | b << 8;
        if (++seen == 2) {
          seen = 0;
          in = In.EXTRA;
          if (extra == 0) {
            next(In.NAME);
          }
        }
      }
      case EXTRA -> {
        if (++seen == extra) {
          next(In.NAME);
        }
      }
      case NAME -> {
        if (b == 0) {
          next(In.COMMENT);
        }
      }
      case COMMENT -> {
        if (b == 0) {
          next(In.CHECKSUM);
        }
      }
      case CHECKSUM -> {
        if (++seen == 2) {
          next(In.DATA);
        }
      }
      case TRAILER -> {
        if (++seen == TRAILER) {
          // Another member may follow.
          inflater.reset();
          seen = 0;
          in = In.FIXED;
        }
      }
      case DATA, BROKEN -> {}
    }
  }

  /** Goes on with this part of the header, or the first one after it that is there. */
  private void next(In part) {
    seen = 0;
    In found = part;
    if (found == In.EXTRA_LENGTH && (flags & EXTRA) == 0) {
      found = In.NAME;
    }
    if (found == In.NAME && (flags & NAME) == 0) {
      found = In.COMMENT;
    }
    if (found == In.COMMENT && (flags & COMMENT) == 0) {
      found = In.CHECKSUM;
    }
    if (found == In.CHECKSUM && (flags & CHECKSUM) == 0) {
      found = In.DATA;
    }
    in = found;
  }

  private int data(byte[] bytes, int from, int end) {
    if (!gzip && !begun && (bytes[from] & 0x0f) == 8 && (bytes[from] & 0xff) < 0x80) {
      // By the standard "deflate" has zlib's wrapper; some servers leave it out.
      inflater.end();
      inflater = new Inflater(false);
    }
    begun = true;
    try {
      inflater.setInput(bytes, from, end - from);
      while (true) {
        int length = inflater.inflate(plain);
        feed.feed(plain, 0, length);
        if (inflater.finished()) {
          int at = end - inflater.getRemaining();
          seen = 0;
          in = gzip ? In.TRAILER : In.BROKEN;
          return at;
        }
        if (length == 0) {
          if (inflater.needsDictionary()) {
            in = In.BROKEN;
          }
          return end;
        }
      }
    } catch (DataFormatException e) {
      in = In.BROKEN;
      return end;
    }
  }

  @Override
  public void close() {
    closed = true;
    inflater.end();
  }
}
