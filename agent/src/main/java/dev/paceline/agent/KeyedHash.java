package dev.paceline.agent;

import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) under a key that is random a process: tells
 * credentials apart without keeping them, and nobody can test a guess against what is shown. No
 * security provider is loaded for it.
 */
final class KeyedHash implements ToLongFunction<String> {
  private final long k0;
  private final long k1;

  KeyedHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  @Override
  public long applyAsLong(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  long hash(byte[] in) {
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    int words = in.length / 8;
    for (int w = 0; w <= words; w++) {
      long m = 0;
      int bytes = w < words ? 8 : in.length % 8;
      for (int i = 0; i < bytes; i++) {
        m |= (in[w * 8 + i] & 0xffL) << (8 * i);
      }
      if (w == words) {
        m |= (long) in.length << 56;
      }
      v3 ^= m;
      for (int round = 0; round < 2; round++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= m;
    }
    v2 ^= 0xff;
    for (int round = 0; round < 4; round++) {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
