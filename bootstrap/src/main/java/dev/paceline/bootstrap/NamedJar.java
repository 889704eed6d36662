package dev.paceline.bootstrap;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * Which jar {@code -javaagent} names, and whether the boot loader's classes are that jar's.
 *
 * <p>The manifest's {@code Boot-Class-Path} can only say names. So when a jar called otherwise was
 * named, and an older {@code paceline-agent.jar} lies beside it, the boot loader has the older
 * jar's classes, and without this look the older agent ran in the place of the newer one, silently.
 */
final class NamedJar {
  private static final String PACKAGE = "dev/paceline/bootstrap/";
  private static final String MARK = PACKAGE + "PacelineAgent.class";

  /** The jar that runs; null: none can. */
  final File file;

  /** Whether the boot loader has its classes already. */
  final boolean onBootPath;

  /** What a person has to know about the choice; null when there was none. */
  final String line;

  private NamedJar(File file, boolean onBootPath, String line) {
    this.file = file;
    this.onBootPath = onBootPath;
    this.line = line;
  }

  /**
   * @param asking the class that premain is in
   */
  static NamedJar find(Class<?> asking) throws Exception {
    ClassLoader system = ClassLoader.getSystemClassLoader();
    ClassLoader platform = system;
    while (platform.getParent() != null) {
      platform = platform.getParent();
    }
    List<URL> boot = Collections.list(platform.getResources(MARK));
    List<URL> all = Collections.list(system.getResources(MARK)); // the boot loader's come first
    List<File> ofBoot = jars(boot);
    List<File> appended = jars(all.subList(Math.min(boot.size(), all.size()), all.size()));
    File own = ofBoot.isEmpty() ? null : ofBoot.get(0);
    if (asking.getClassLoader() != null && asking.getProtectionDomain().getCodeSource() != null) {
      URL place = asking.getProtectionDomain().getCodeSource().getLocation();
      own = new File(new URI(place.toString())).getCanonicalFile();
    }
    return choose(
        ofBoot.isEmpty() ? null : ofBoot.get(0),
        appended,
        own,
        onBootPath(),
        entries(System.getProperty("java.class.path", "")));
  }

  /**
   * @param boot whose classes the boot loader has; null when it has none or has them from elsewhere
   * @param appended jars with the agent's classes that the system loader sees; agents are appended
   *     to its class path in the order of the command line
   * @param own the one whose premain runs
   * @param bootHasClasses whether the boot loader has them, wherever from
   * @param classPath what the application was started with: not named as agents
   */
  static NamedJar choose(
      File boot, List<File> appended, File own, boolean bootHasClasses, List<File> classPath)
      throws IOException {
    if (boot == null && bootHasClasses) { // attached a second time while the JVM runs
      return new NamedJar(
          null, true, "paceline: the agent is attached twice; the first one stays in charge");
    }
    File first = boot == null ? own : boot;
    File named = appended.isEmpty() ? first : appended.get(appended.size() - 1);
    if (first == null || named.equals(first) || sameClasses(first, named)) {
      return new NamedJar(named, boot != null, null);
    }
    // Two agents: each has its own premain, and the second one's finds the first one in charge.
    if (first.equals(own) && appended.contains(first) && !classPath.contains(first)) {
      return new NamedJar(first, boot != null, null);
    }
    return new NamedJar(
        null,
        boot != null,
        "paceline: the agent does nothing: "
            + named
            + " ("
            + version(named)
            + ") was named, but the JVM finds the classes of "
            + first
            + " ("
            + version(first)
            + ") first; remove that file, or name it");
  }

  private static boolean onBootPath() {
    try {
      Class.forName("dev.paceline.bootstrap.Bridge", false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static List<File> entries(String classPath) throws IOException {
    List<File> files = new ArrayList<File>();
    int from = 0;
    while (from < classPath.length()) {
      int to = classPath.indexOf(File.pathSeparatorChar, from);
      to = to < 0 ? classPath.length() : to;
      if (classPath.startsWith(".jar", to - 4)) {
        files.add(new File(classPath.substring(from, to)).getCanonicalFile());
      }
      from = to + 1;
    }
    return files;
  }

  /** The files, links followed, each once. */
  private static List<File> jars(List<URL> urls) throws Exception {
    List<File> files = new ArrayList<File>();
    for (URL url : urls) {
      String text = url.toString();
      int bang = text.indexOf("!/");
      if (text.startsWith("jar:file:") && bang > 0) {
        File file = new File(new URI(text.substring("jar:".length(), bang))).getCanonicalFile();
        if (!files.contains(file)) {
          files.add(file);
        }
      }
    }
    return files;
  }

  /** What the boot loader defines is the same in both: then it does not matter whose it has. */
  private static boolean sameClasses(File a, File b) throws IOException {
    return a.equals(b) || classes(a).equals(classes(b));
  }

  private static Map<String, Long> classes(File file) throws IOException {
    Map<String, Long> sums = new TreeMap<String, Long>();
    JarFile jar = new JarFile(file, false);
    try {
      for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
        JarEntry entry = all.nextElement();
        if (entry.getName().startsWith(PACKAGE) && entry.getName().endsWith(".class")) {
          sums.put(entry.getName(), entry.getCrc());
        }
      }
    } finally {
      jar.close();
    }
    return sums;
  }

  private static String version(File file) {
    try {
      JarFile jar = new JarFile(file, false);
      try {
        Manifest manifest = jar.getManifest();
        String version =
            manifest == null
                ? null
                : manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        return version == null ? "unknown version" : version;
      } finally {
        jar.close();
      }
    } catch (IOException e) {
      return "unknown version";
    }
  }
}
