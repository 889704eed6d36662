package dev.paceline.okhttp;

import dev.paceline.weave.Weaver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** An application's loader with one version of OkHttp, woven as the agent weaves it. */
final class WovenLoader extends URLClassLoader {
  private final boolean weave;

  WovenLoader(String version, boolean weave) {
    super(jars(version), WovenLoader.class.getClassLoader());
    this.weave = weave;
  }

  private static URL[] jars(String version) {
    try (Stream<Path> files = Files.list(Path.of("target", "okhttp", version))) {
      return files.map(WovenLoader::url).toArray(URL[]::new);
    } catch (IOException e) {
      throw new UncheckedIOException("mvn generate-test-resources fetches it", e);
    }
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(String name) {
    return name.startsWith("okhttp3.")
        || name.startsWith("okio.")
        || name.startsWith("kotlin.")
        || name.startsWith("dev.paceline.okhttp.scenario.");
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isOurs(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String path = name.replace('.', '/');
    try (InputStream in =
        name.startsWith("dev.paceline.")
            ? getParent().getResourceAsStream(path + ".class")
            : jarResource(path + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      byte[] woven = weave ? Weaver.weave(path, bytes) : null;
      byte[] used = woven == null ? bytes : woven;
      return defineClass(name, used, 0, used.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  /** As an application's loader would answer: its own OkHttp, not the test class path's. */
  @Override
  public InputStream getResourceAsStream(String name) {
    InputStream own = name.startsWith("okhttp3/") ? jarResource(name) : null;
    return own != null ? own : super.getResourceAsStream(name);
  }

  private InputStream jarResource(String path) {
    try {
      URL url = findResource(path);
      return url == null ? null : url.openStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
