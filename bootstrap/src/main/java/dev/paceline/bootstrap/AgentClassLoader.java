package dev.paceline.bootstrap;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the agent and its libraries from {@code inst/**.classdata} of the agent's jar. Own classes
 * first, then the platform loader; the application's classes are out of sight, and ours out of
 * theirs.
 *
 * <p>The name of this class is public API: users of other agents exclude it by name.
 */
public final class AgentClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String ROOT = "inst/";

  private final File file;
  private final JarFile jar;

  AgentClassLoader(File file) throws Exception {
    super(platformLoader());
    this.file = file;
    this.jar = new JarFile(file, false);
  }

  /**
   * The platform loader is the outermost above the system loader. By reflection ({@code
   * getPlatformClassLoader} is newer than Java 8, for which this class is compiled) only when a
   * custom system loader hides it: reflection on a caller-sensitive method parses annotations,
   * which costs a young JVM some 30 ms.
   */
  private static ClassLoader platformLoader() throws Exception {
    ClassLoader loader = ClassLoader.getSystemClassLoader();
    while (loader.getParent() != null) {
      loader = loader.getParent();
    }
    return loader
            .getClass()
            .getName()
            .equals("jdk.internal.loader.ClassLoaders$PlatformClassLoader")
        ? loader
        : (ClassLoader) ClassLoader.class.getMethod("getPlatformClassLoader").invoke(null);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.startsWith("java.")
        || name.startsWith("jdk.")
        || name.startsWith("dev.paceline.bootstrap.")) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = classBytes(name);
        loaded =
            bytes == null
                ? super.loadClass(name, false)
                : defineClass(name, bytes, 0, bytes.length);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  /**
   * The class file of a class in this jar, by its binary name; null when there is none. For the
   * loaders that define some of our classes beside the application's.
   */
  public byte[] classBytes(String name) {
    JarEntry entry = jar.getJarEntry(ROOT + name.replace('.', '/') + ".classdata");
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(512, (int) entry.getSize()));
      byte[] buffer = new byte[8192];
      for (int n; (n = in.read(buffer)) > 0; ) {
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  protected URL findResource(String name) {
    String hidden =
        name.endsWith(".class")
            ? name.substring(0, name.length() - "class".length()) + "classdata"
            : name;
    if (jar.getJarEntry(ROOT + hidden) == null) {
      return null;
    }
    try {
      return new URL("jar:" + file.toURI() + "!/" + ROOT + hidden);
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL url = findResource(name);
    return url == null
        ? Collections.<URL>emptyEnumeration()
        : Collections.enumeration(Collections.singleton(url));
  }
}
