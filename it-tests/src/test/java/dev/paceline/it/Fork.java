package dev.paceline.it;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Any command of the JDK. */
final class Fork {
  private final List<String> command;
  private final Map<String, String> environment = new LinkedHashMap<>();

  private Fork(List<String> command) {
    this.command = command;
  }

  static Fork of(String... command) {
    return new Fork(List.of(command));
  }

  Fork withEnvironment(String key, String value) {
    environment.put(key, value);
    return this;
  }

  Ended await() {
    try (Forked forked =
        Forked.start(command, environment, AgentJvm.TARGET, Duration.ofSeconds(60))) {
      return forked.await();
    }
  }
}
