package dev.paceline.okhttp;

import dev.paceline.bootstrap.AgentClassLoader;
import dev.paceline.bootstrap.OkHttpHook;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Defines the classes of {@code dev.paceline.okhttp.beside} beside the OkHttp of one application
 * loader: they see the agent's classes and that loader's OkHttp.
 *
 * <p>A loader of its own rather than injection into the application's: that needs Unsafe or patched
 * loaders, and stops working with newer JDKs.
 */
final class BesideLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String BESIDE = "dev.paceline.okhttp.beside.";
  private static final String ENTRANCE = BESIDE + "Entrance";

  private final @Nullable ClassLoader agent;
  private final ClassLoader application;

  private BesideLoader(@Nullable ClassLoader agent, ClassLoader application) {
    super(agent);
    this.agent = agent;
    this.application = application;
  }

  /** The hook for the OkHttp that {@code client}, its {@code OkHttpClient} class, belongs to. */
  static OkHttpHook hook(
      Class<?> client, Services services, @Nullable Instrumentation instrumentation)
      throws ReflectiveOperationException {
    BesideLoader loader =
        new BesideLoader(BesideLoader.class.getClassLoader(), client.getClassLoader());
    open(client.getModule(), loader, instrumentation);
    return (OkHttpHook)
        loader.loadClass(ENTRANCE).getConstructor(Services.class).newInstance(services);
  }

  /** OkHttp 5.2 and newer can be a named module; the dispatcher's places are private fields. */
  private static void open(
      Module okhttp, BesideLoader loader, @Nullable Instrumentation instrumentation) {
    if (!okhttp.isNamed() || instrumentation == null) {
      return;
    }
    Set<Module> us = Set.of(loader.getUnnamedModule());
    instrumentation.redefineModule(
        okhttp,
        Set.of(),
        Map.of(),
        Map.of("okhttp3", us, "okhttp3.internal.connection", us),
        Set.of(),
        Map.of());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(BESIDE)) {
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
