package dev.paceline.bootstrap;

/** Turns a client's class file into one that calls {@link Bridge}. */
public interface Weaving {
  /**
   * @param loader the defining loader; null for the boot loader
   * @param name internal name, such as {@code okhttp3/OkHttpClient}
   * @param bytes the class file
   * @return the woven class file, or null to leave the class as it is
   */
  byte[] weave(ClassLoader loader, String name, byte[] bytes);
}
