package dev.paceline.it.app;

import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Chooses its own log manager in main, as JBoss and Quarkus do: whoever touched logging before has
 * fixed the JDK's for good.
 */
public final class LogManagerApp {
  /** The application's. Public, with a public constructor: the JDK makes it. */
  public static final class Own extends LogManager {
    public Own() {}
  }

  private LogManagerApp() {}

  public static void main(String[] args) throws Exception {
    System.setProperty("java.util.logging.manager", Own.class.getName());
    Say.run("call").with("ok", true).with("text", JdkApp.syncOverHttp(args[0])).line();
    Logger.getLogger("application").fine("logging is in use");
    Say.run("manager")
        .with("ok", true)
        .with("text", LogManager.getLogManager().getClass().getName())
        .line();
    System.out.println("done");
    while (System.in.read() != '\n') {
      // until the test has looked around
    }
    System.exit(0);
  }
}
