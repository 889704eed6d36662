package dev.paceline.it.app;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The jars of a cell, for class loaders of the application's own. */
final class Lent {
  private Lent() {}

  /** The path list of the property {@code it.jars}. */
  static URL[] jars() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String jar : System.getProperty("it.jars", "").split(File.pathSeparator)) {
      urls.add(Path.of(jar).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  /** A loader that sees the JDK and the jars, nothing of the class path. */
  static URLClassLoader loader() throws MalformedURLException {
    return new URLClassLoader("lent", jars(), ClassLoader.getPlatformClassLoader());
  }

  /** As OSGi and JBoss Modules do: of the boot loader's classes only the JDK's are seen. */
  static ClassLoader filtering() throws MalformedURLException {
    return new URLClassLoader("filtering", jars(), ClassLoader.getPlatformClassLoader()) {
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("dev.paceline.bootstrap.")) {
          throw new ClassNotFoundException(name);
        }
        return super.loadClass(name, resolve);
      }
    };
  }
}
