package dev.paceline.okhttp;

import org.jspecify.annotations.Nullable;

/** Which classes were woven. By loader: in another one the same class may have been refused. */
public interface Woven {
  /**
   * Whether a class was woven.
   *
   * @param loader that defines it; null for the boot loader
   * @param name its internal name
   */
  boolean isWoven(@Nullable ClassLoader loader, String name);
}
