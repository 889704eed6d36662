package dev.paceline.it.app;

/** Runs the main class of its first argument in a loader that hides the agent's classes. */
public final class FilteringApp {
  private FilteringApp() {}

  public static void main(String[] args) throws Exception {
    String[] rest = java.util.Arrays.copyOfRange(args, 1, args.length);
    Lent.filtering()
        .loadClass(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) rest);
  }
}
