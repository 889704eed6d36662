package dev.paceline.words;

/** The HTTP client that a call came through; the value of the {@code client} tag. */
public enum Client {
  JDK("jdk"),
  OKHTTP("okhttp");

  private final String tag;

  Client(String tag) {
    this.tag = tag;
  }

  /** The value of the {@code client} tag. */
  public String tag() {
    return tag;
  }
}
