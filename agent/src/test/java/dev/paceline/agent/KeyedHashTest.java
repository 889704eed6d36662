package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyedHashTest {
  /** The test vector of the SipHash paper, appendix A: key 00..0f, input 00..0e. */
  @Test
  void agreesWithThePapersVector() {
    byte[] in = new byte[15];
    for (int i = 0; i < in.length; i++) {
      in[i] = (byte) i;
    }
    assertThat(new KeyedHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L).hash(in))
        .isEqualTo(0xa129ca6149be45e5L);
  }

  @Test
  void dependsOnTheKey() {
    assertThat(new KeyedHash(1, 2).applyAsLong("sk-fake"))
        .isNotEqualTo(new KeyedHash(1, 3).applyAsLong("sk-fake"));
  }
}
