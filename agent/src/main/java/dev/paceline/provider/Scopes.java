package dev.paceline.provider;

import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Scope;
import java.util.function.ToLongFunction;

public final class Scopes {
  private Scopes() {}

  public static Scope scope(
      Endpoint e, String host, Headers h, String model, ToLongFunction<String> keyedHash) {
    return new Scope(e.provider(), host, model);
  }
}
