package dev.paceline.call;

/** Request headers that speak to the agent: they never leave the process. */
public final class OwnHeader {
  private static final String PREFIX = "x-paceline-";

  private OwnHeader() {}

  /** Whether a header of this name, in any case, is one. */
  public static boolean is(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }
}
