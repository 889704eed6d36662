package dev.paceline.okhttp.beside;

import java.io.IOException;

/** Throws again what was caught, the very same object. */
final class Thrown {
  private Thrown() {}

  /** Returns an IOException for the caller to throw; throws anything else itself. */
  static IOException io(Throwable caught) {
    if (caught instanceof IOException io) {
      return io;
    }
    if (caught instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (caught instanceof Error error) {
      throw error;
    }
    return new IOException(caught);
  }
}
