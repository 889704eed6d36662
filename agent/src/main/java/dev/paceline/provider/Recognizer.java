package dev.paceline.provider;

import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

public final class Recognizer {
  public @Nullable Endpoint recognise(String host, int port, String path) {
    return path.endsWith("/chat/completions")
        ? new Endpoint("openai", Operation.GENERATION, "", "")
        : null;
  }
}
