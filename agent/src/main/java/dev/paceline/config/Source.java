package dev.paceline.config;

/** Where a value came from, strongest first. */
public enum Source {
  SYSTEM_PROPERTY("system property"),
  AGENT_ARGUMENT("agent argument"),
  ENVIRONMENT("environment variable"),
  FILE("file"),
  BUILT_IN("built-in");

  private final String text;

  Source(String text) {
    this.text = text;
  }

  /** For people: {@code system property}. */
  public String text() {
    return text;
  }
}
