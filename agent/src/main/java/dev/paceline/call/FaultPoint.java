package dev.paceline.call;

/**
 * A place where the integration tests let a component fail. In the jar that is shipped this does
 * nothing; the tests build a jar of their own in which this one class throws what a property asks
 * for.
 */
public final class FaultPoint {
  private FaultPoint() {}

  /**
   * Called where {@code component} begins its work.
   *
   * @param component one of: request, admit, wait, response, limiter, metrics, recogniser,
   *     classifier, timer, tap, jdk, okhttp, bridge (an adapter, where only the bridge stands above
   *     it), console, config
   */
  public static void pass(String component) {}
}
