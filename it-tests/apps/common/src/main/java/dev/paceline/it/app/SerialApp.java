package dev.paceline.it.app;

/** {@link JdkApp}'s runs, one after another. */
public final class SerialApp {
  private SerialApp() {}

  public static void main(String[] runs) throws Exception {
    for (String run : runs) {
      Say say = Say.run(run);
      try {
        say.with("ok", true).with("text", JdkApp.syncOverHttp(run));
      } catch (Exception e) {
        say.with("ok", false).failure(e);
      }
      say.line();
    }
    System.exit(0);
  }
}
