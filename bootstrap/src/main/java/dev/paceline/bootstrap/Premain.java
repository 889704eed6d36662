package dev.paceline.bootstrap;

import java.lang.instrument.Instrumentation;
import java.util.jar.JarFile;

/**
 * Where the JVM enters with {@code -javaagent} and dynamic attach.
 *
 * <p>Not {@link PacelineAgent}, which every jar of 0.1 has as well: with such a jar on the boot
 * path, the JVM would run the old jar's premain although the new jar was named. For the same reason
 * nothing but {@link NamedJar} is called before it has looked: other classes may be an old jar's.
 *
 * <p>Nothing here may throw: an exception out of premain aborts the JVM.
 */
public final class Premain {
  private static final int OLDEST_JAVA = 17;

  private Premain() {}

  /** Called by the JVM before the application's main. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** Called on dynamic attach: best effort, OkHttp clients that exist already stay as they are. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  private static void start(String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      if (tooOld() || "false".equals(System.getProperty("paceline.enabled")) || isJdkTool()) {
        return;
      }
      NamedJar jar = NamedJar.find(Premain.class);
      if (jar.file == null) {
        Stderr.warn(
            jar.line == null
                ? "paceline: cannot find the agent's own jar; the agent does nothing"
                : jar.line);
        return;
      }
      if (!jar.onBootPath) {
        // The jar has another name than the manifest's Boot-Class-Path tells. Appending prints a
        // line about class data sharing on some JVMs, which is why it is not the usual way.
        instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar.file));
      }
      // From here on by the boot loader's copies: this class may be the system loader's.
      ClassWatcher.install(arguments, instrumentation, jar.file, attached);
    } catch (Throwable t) {
      Stderr.warn("paceline: could not start, the application runs without it: " + t);
    }
  }

  static boolean tooOld() {
    String version = System.getProperty("java.specification.version", "0");
    try {
      if (version.indexOf('.') < 0 && Integer.parseInt(version) >= OLDEST_JAVA) {
        return false;
      }
    } catch (NumberFormatException e) {
      return false; // not a number: newer than anything this line knows
    }
    Stderr.warn(
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
}
