package dev.paceline.okhttp.beside;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few buffers that bodies are read into: a copy of its own for each call would be most of what
 * the agent allocates. Not thread-local: there may be a million virtual threads.
 */
final class Scratch {
  private static final int SIZE = 16 * 1024;
  private static final int MOST = 8;

  private final AtomicReferenceArray<byte[]> free = new AtomicReferenceArray<>(MOST);

  byte[] take() {
    for (int i = 0; i < MOST; i++) {
      byte[] buffer = free.getPlain(i) == null ? null : free.getAndSet(i, null);
      if (buffer != null) {
        return buffer;
      }
    }
    return new byte[SIZE];
  }

  void give(byte[] buffer) {
    Arrays.fill(buffer, (byte) 0); // prompts must not outlive their calls
    for (int i = 0; i < MOST; i++) {
      if (free.getPlain(i) == null && free.compareAndSet(i, null, buffer)) {
        return;
      }
    }
  }
}
