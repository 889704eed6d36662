package dev.paceline.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The sources that do not change while the process runs.
 *
 * @param systemProperties all of them; others than {@code paceline.*} are not looked at
 * @param agentArguments what follows {@code =} in {@code -javaagent:paceline-agent.jar=…}; empty
 *     when nothing does
 * @param environment all of it; others than {@code PACELINE_*} are not looked at
 */
public record Inputs(
    Map<String, String> systemProperties, String agentArguments, Map<String, String> environment) {
  /** Nothing is set. */
  public static final Inputs NONE = new Inputs(Map.of(), "", Map.of());

  /** Those of this process, as they are now. */
  public static Inputs ofProcess(String agentArguments) {
    Map<String, String> ours = new LinkedHashMap<>();
    Properties all = System.getProperties();
    for (String name : all.stringPropertyNames()) {
      String value = name.startsWith(Key.PREFIX) ? all.getProperty(name) : null;
      if (value != null) {
        ours.put(name, value);
      }
    }
    return new Inputs(ours, agentArguments, System.getenv());
  }
}
