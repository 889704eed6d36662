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
    throw Thrown.<RuntimeException>asItIs(caught);
  }

  /** Kotlin code throws checked exceptions that nobody declares. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T asItIs(Throwable caught) throws T {
    throw (T) caught;
  }
}
