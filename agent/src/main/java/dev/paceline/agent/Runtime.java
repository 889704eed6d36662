package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import java.io.File;
import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/** Builds the rooms, each as late as it can be. */
final class Runtime {
  private final @Nullable String arguments;
  private final Instrumentation instrumentation;
  private final File jar;

  Runtime(@Nullable String arguments, Instrumentation instrumentation, File jar) {
    this.arguments = arguments;
    this.instrumentation = instrumentation;
    this.jar = jar;
  }

  void woven(String className) {
    Bridge.onFault((thread, fault) -> log("paceline: " + fault));
  }

  void log(String line) {
    System.err.println(line);
  }
}
