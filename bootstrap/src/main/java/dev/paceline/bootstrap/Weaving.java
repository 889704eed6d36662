package dev.paceline.bootstrap;

/** The agent behind the watcher: turns a client's class file into one that calls {@link Bridge}. */
public interface Weaving {
  /**
   * What a configured agent does at the JVM's start: reads the configuration, says what is wrong
   * with it, and opens what was asked for. On a thread of its own, at most once.
   */
  void atStart();

  /**
   * @param loader the defining loader; null for the boot loader
   * @param name internal name, such as {@code okhttp3/OkHttpClient}
   * @param bytes the class file
   * @return the woven class file, or null to leave the class as it is
   */
  byte[] weave(ClassLoader loader, String name, byte[] bytes);
}
