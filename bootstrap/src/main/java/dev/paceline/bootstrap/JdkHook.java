package dev.paceline.bootstrap;

/**
 * What the agent does for calls of the JDK's HttpClient. Object types only: {@code java.net.http}
 * is not visible from the boot loader.
 *
 * <p>Outcome arrays: {@code {result, null}} or {@code {null, throwable}}; null means "go on as if
 * the agent were not there".
 */
public interface JdkHook {
  /** {@code HttpClient.send(HttpRequest, BodyHandler)}. */
  Object[] send(Object client, Object request, Object bodyHandler);

  /**
   * {@code HttpClient.sendAsync(HttpRequest, BodyHandler[, PushPromiseHandler])}; {@code
   * pushHandler} may be null.
   */
  Object[] sendAsync(Object client, Object request, Object bodyHandler, Object pushHandler);

  /**
   * The body subscriber by which the client decides whether {@code getBody} may block: the
   * application's own for one that the agent put around it.
   */
  Object bodySubscriber(Object subscriber);

  /** {@code HttpClient.close()} or {@code shutdown()} begins (Java 21 and newer). */
  void closing(Object client);

  /** {@code HttpClient.shutdownNow()} begins (Java 21 and newer). */
  void stopping(Object client);
}
