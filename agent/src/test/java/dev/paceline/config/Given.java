package dev.paceline.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Builds inputs for tests: {@code Given.system("max-wait", "5s").environment("PACELINE_MODE",
 * "observe").read()}.
 */
final class Given {
  private final Map<String, String> system = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final FakeFiles files = new FakeFiles();
  private String arguments = "";

  static Given nothing() {
    return new Given();
  }

  Given system(String key, String value) {
    system.put("paceline." + key, value);
    return this;
  }

  Given arguments(String text) {
    arguments = text;
    return this;
  }

  Given environment(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Given file(String content) {
    files.write("/f", content);
    return system("config.file", "/f");
  }

  Inputs inputs() {
    return new Inputs(system, arguments, environment);
  }

  FakeFiles files() {
    return files;
  }

  Settings read() {
    return ConfigReader.read(inputs(), files);
  }
}
