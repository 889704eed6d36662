package dev.paceline.bootstrap;

import java.io.File;
import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.net.URI;
import java.net.URL;
import java.util.jar.JarFile;

/**
 * The entry points of the jar: {@code -javaagent}, dynamic attach and {@code java -jar}. Compiled
 * for Java 8, so that an older JVM can load it and print one clear line.
 *
 * <p>Nothing here may throw: an exception out of premain aborts the JVM.
 */
public final class PacelineAgent {
  private static final int OLDEST_JAVA = 17;

  private PacelineAgent() {}

  /** Called by the JVM before the application's main. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** Called on dynamic attach: best effort, OkHttp clients that exist already stay as they are. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  /** {@code java -jar paceline-agent.jar}: the command line. */
  public static void main(String[] arguments) throws Exception {
    if (tooOld()) {
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

  private static void start(String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      if (tooOld() || "false".equals(System.getProperty("paceline.enabled")) || isJdkTool()) {
        return;
      }
      File jar = ownJar();
      if (jar == null) {
        System.err.println("paceline: cannot find the agent's own jar; the agent does nothing");
        return;
      }
      if (!onBootPath()) {
        // The jar was renamed, so the manifest's Boot-Class-Path names a file that is not there.
        // Appending prints a line about class data
        // sharing on some JVMs, which is why it is not the usual way.
        instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar));
      }
      // From here on by the boot loader's copies: this class may be the system loader's.
      ClassWatcher.install(arguments, instrumentation, jar, attached);
    } catch (Throwable t) {
      System.err.println("paceline: could not start, the application runs without it: " + t);
    }
  }

  private static boolean onBootPath() {
    try {
      Class.forName("dev.paceline.bootstrap.Bridge", false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean tooOld() {
    String version = System.getProperty("java.specification.version", "0");
    try {
      if (version.indexOf('.') < 0 && Integer.parseInt(version) >= OLDEST_JAVA) {
        return false;
      }
    } catch (NumberFormatException e) {
      return false; // not a number: newer than anything this line knows
    }
    System.err.println(
        "paceline: needs Java "
            + OLDEST_JAVA
            + " or newer, this is Java "
            + version
            + "; the agent does nothing");
    return true;
  }

  /** keytool, jcmd, javac and their like inherit JAVA_TOOL_OPTIONS; they are left alone. */
  private static boolean isJdkTool() {
    String main = System.getProperty("jdk.module.main");
    return main != null
        && (main.startsWith("jdk.") || main.startsWith("java."))
        && !Boolean.getBoolean("paceline.force");
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
