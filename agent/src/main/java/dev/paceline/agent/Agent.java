package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.bootstrap.Weaving;
import dev.paceline.weave.OkHttpVersion;
import dev.paceline.weave.Weaver;
import java.io.File;
import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/**
 * What comes into being when the first class of an HTTP client is loaded: weaves it and installs
 * the hook that its woven code will call.
 */
public final class Agent implements Weaving {
  private final Runtime runtime;

  private Agent(Runtime runtime) {
    this.runtime = runtime;
  }

  /** Called reflectively by the boot loader's class watcher, once a JVM. */
  public static Weaving start(
      @Nullable String arguments, Instrumentation instrumentation, File jar) {
    return new Agent(new Runtime(arguments, instrumentation, jar));
  }

  @Override
  public void atStart() {
    runtime.atStart();
  }

  @Override
  public byte @Nullable [] weave(@Nullable ClassLoader loader, String name, byte[] classFile) {
    if (loader != null && !seesBridge(loader)) {
      if (name.equals("okhttp3/OkHttpClient")) { // once, not for each class of it
        runtime
            .log()
            .warn(
                "paceline: the class loader "
                    + loader.getClass().getName()
                    + " hides the agent's classes; "
                    + name
                    + " is not hooked (see docs/troubleshooting.md, filtering class loaders)");
      }
      return null;
    }
    if (loader != null && name.startsWith("okhttp3/") && !OkHttpVersion.supported(loader)) {
      if (name.equals("okhttp3/OkHttpClient")) {
        runtime
            .log()
            .warn("paceline: OkHttp older than 3.14.0 is not hooked; it runs without pacing");
      }
      return null;
    }
    byte[] woven;
    try {
      woven = Weaver.weave(name, classFile);
    } catch (IllegalArgumentException unknownClassFileVersion) {
      runtime
          .log()
          .warn(
              "paceline: "
                  + name
                  + " has a class file version that this release does not know; it is not hooked");
      return null;
    }
    if (woven != null) {
      runtime.woven(loader, name);
    }
    return woven;
  }

  /**
   * OSGi and JBoss Modules can hide boot classes: woven code would die of a NoClassDefFoundError in
   * the client's own constructor.
   */
  private static boolean seesBridge(ClassLoader loader) {
    try {
      return Class.forName(Bridge.class.getName(), false, loader) == Bridge.class;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
