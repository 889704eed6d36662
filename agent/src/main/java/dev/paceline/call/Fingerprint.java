package dev.paceline.call;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Tells whether two requests of one scope have the same body. Two checksums that the JVM computes
 * with its own instructions: 4 KB in under 1 µs.
 */
final class Fingerprint {
  /** The body was not read. */
  static final long NONE = 0;

  private Fingerprint() {}

  static long of(Outgoing request, Content body) {
    if (body.length() == 0) {
      return NONE;
    }
    CRC32C low = new CRC32C();
    low.update(body.bytes(), 0, body.length());
    CRC32 high = new CRC32();
    high.update(body.bytes(), 0, body.length());
    long print = high.getValue() << 32 | low.getValue();
    print = print * 31 + body.length();
    print = print * 31 + request.method().hashCode();
    print = print * 31 + request.endpoint().hashCode();
    return print == NONE ? 1 : print;
  }
}
