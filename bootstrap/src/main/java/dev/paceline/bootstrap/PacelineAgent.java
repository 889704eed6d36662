package dev.paceline.bootstrap;

import java.io.File;
import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.URL;

/**
 * The command line of {@code java -jar}. Compiled for Java 8, so that an older JVM can load it and
 * print one clear line.
 */
public final class PacelineAgent {
  private PacelineAgent() {}

  /**
   * Called by the JVM when a jar of 0.1 was named and the boot loader has this jar's classes. Its
   * manifest names this class, and a missing method would abort the JVM.
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    Premain.premain(arguments, instrumentation);
  }

  /** Likewise on dynamic attach. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    Premain.agentmain(arguments, instrumentation);
  }

  /** {@code java -jar paceline-agent.jar}: the command line. */
  public static void main(String[] arguments) throws Exception {
    if (Premain.tooOld()) {
      System.exit(2);
    }
    File jar = ownJar();
    if (jar == null) {
      System.err.println("paceline: cannot find the agent's own jar");
      System.exit(2);
    }
    System.setProperty("paceline.agent.jar", jar.getPath());
    ClassLoader loader = new AgentClassLoader(jar);
    Object status =
        loader
            .loadClass("dev.paceline.cli.Main")
            .getMethod(
                "run",
                String[].class,
                PrintStream.class,
                PrintStream.class,
                java.io.InputStream.class)
            .invoke(null, arguments, System.out, System.err, System.in);
    System.exit((Integer) status);
  }

  private static File ownJar() {
    // Not the class's code source: that is null for classes of the boot loader.
    URL url = ClassLoader.getSystemResource("dev/paceline/bootstrap/PacelineAgent.class");
    if (url == null) {
      return null;
    }
    String text = url.toString();
    int bang = text.indexOf("!/");
    if (!text.startsWith("jar:file:") || bang < 0) {
      return null;
    }
    try {
      return new File(new URI(text.substring("jar:".length(), bang)));
    } catch (Exception e) {
      return null;
    }
  }
}
