package dev.paceline.call;

/**
 * Runs something at an instant. One timer for the whole JVM; what it runs only wakes, it never
 * sends.
 */
public interface Timer {
  /**
   * Runs {@code task} once when {@link Clock#nanos()} has reached {@code atNanos}, at once when
   * that is past.
   *
   * @return takes the task back; running it twice or after the task has run does nothing
   */
  Runnable at(long atNanos, Runnable task);
}
