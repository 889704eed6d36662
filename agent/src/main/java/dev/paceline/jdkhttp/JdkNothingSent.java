package dev.paceline.jdkhttp;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The exceptions of the JDK's client after which the provider has surely seen nothing of the
 * request. A closed list: whatever is not on it may have been processed.
 */
final class JdkNothingSent {
  /**
   * {@code jdk.internal.net.http.Stream.handleReset} with the text of {@code
   * ErrorFrame.REFUSED_STREAM} (RFC 9113, 8.7: not processed).
   */
  private static final String REFUSED_STREAM = "Received RST_STREAM: Stream not processed";

  /** {@code jdk.internal.net.http.Stream.closeAsUnprocessed}: above the last stream of a GOAWAY. */
  private static final String BEYOND_GOAWAY = "request not processed by peer";

  /** The operating system's own connect timeout ({@code ETIMEDOUT}), in the C library's words. */
  private static final String TIMED_OUT = "timed out";

  private JdkNothingSent() {}

  static boolean test(Throwable thrown) {
    Throwable t = Failures.unwrap(thrown);
    if (t instanceof HttpConnectTimeoutException || causedBy(t, UnresolvedAddressException.class)) {
      // Time was spent already, and failover waits for the word: once, as without the agent.
      return false;
    }
    if (t instanceof ConnectException) {
      String message = t.getMessage();
      return message == null || !message.contains(TIMED_OUT);
    }
    if (t instanceof NoRouteToHostException) {
      return true;
    }
    if (t instanceof SSLHandshakeException) {
      // An untrusted certificate is as untrusted a second later: the application shall know now.
      return !causedBy(t, CertificateException.class);
    }
    String message = t.getMessage();
    return t instanceof java.io.IOException
        && message != null
        && (message.equals(REFUSED_STREAM) || message.equals(BEYOND_GOAWAY));
  }

  private static boolean causedBy(Throwable thrown, Class<? extends Throwable> type) {
    @Nullable Throwable t = thrown;
    for (int depth = 0; t != null && depth < 16; depth++, t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}
