package dev.paceline.export;

import io.micrometer.common.util.internal.logging.InternalLogger;
import io.micrometer.common.util.internal.logging.InternalLoggerFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Keeps Micrometer from logging. Without SLF4J, which our loader does not have, it falls back to
 * {@code java.util.logging}: that would start the application's log manager before its time, and is
 * missing altogether in a runtime image without {@code java.logging}.
 */
final class SilentLogging extends InternalLoggerFactory {
  private SilentLogging() {}

  static void install() {
    InternalLoggerFactory.setDefaultFactory(new SilentLogging());
  }

  @Override
  protected InternalLogger newInstance(String name) {
    return (InternalLogger)
        Proxy.newProxyInstance(
            InternalLogger.class.getClassLoader(),
            new Class<?>[] {InternalLogger.class},
            (proxy, method, args) -> answer(name, method));
  }

  /** No level is enabled, and nothing is written. */
  private static Object answer(String name, Method method) {
    if (method.getReturnType() == boolean.class) {
      return false;
    }
    if (method.getReturnType() == int.class) {
      return name.hashCode();
    }
    return name;
  }
}
