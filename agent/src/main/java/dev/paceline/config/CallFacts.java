package dev.paceline.config;

import dev.paceline.words.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What rules may ask of one call beyond its provider, model and host. */
public interface CallFacts {
  /** The first value of a request header of the application; null when it is absent. */
  @Nullable String header(String name);

  /** Name of the thread that makes the call; empty when nobody has looked. */
  String thread();

  /** Names of the classes on that thread's stack, the innermost first; empty likewise. */
  List<String> callers();

  Operation operation();

  /** Whether the request asks for a stream. */
  boolean stream();
}
