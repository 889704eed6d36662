package dev.paceline.beside;

import dev.paceline.bootstrap.AgentClassLoader;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Defines the classes of one of our packages beside a library of one application loader: they see
 * the agent's classes and that loader's library, in the version that the application brings.
 *
 * <p>A loader of its own rather than injection into the application's: that needs Unsafe or patched
 * loaders, and stops working with newer JDKs.
 */
public final class BesideLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final @Nullable ClassLoader agent;
  private final ClassLoader application;
  private final String prefix;

  /**
   * @param application sees the library
   * @param prefix what the names of the classes that are defined here begin with, the last dot
   *     included
   */
  public BesideLoader(ClassLoader application, String prefix) {
    super(BesideLoader.class.getClassLoader());
    this.agent = BesideLoader.class.getClassLoader();
    this.application = application;
    this.prefix = prefix;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(prefix)) {
      return name.startsWith("java.") || name.startsWith("dev.paceline.")
          ? super.loadClass(name, resolve)
          : Class.forName(name, false, application);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = bytes(name);
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  private byte[] bytes(String name) throws ClassNotFoundException {
    byte[] bytes = null;
    if (agent instanceof AgentClassLoader hidden) {
      bytes = hidden.classBytes(name);
    } else if (agent != null) {
      try (InputStream in = agent.getResourceAsStream(name.replace('.', '/') + ".class")) {
        bytes = in == null ? null : in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return bytes;
  }
}
