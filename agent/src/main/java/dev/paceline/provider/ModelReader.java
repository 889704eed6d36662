package dev.paceline.provider;

import dev.paceline.words.Endpoint;

public final class ModelReader {
  private ModelReader() {}

  public static BodyFacts read(Endpoint e, byte[] body, int length) {
    return new BodyFacts("unknown", false, false, false);
  }
}
