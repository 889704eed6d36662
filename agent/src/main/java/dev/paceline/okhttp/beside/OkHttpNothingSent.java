package dev.paceline.okhttp.beside;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The failures before anything was sent that a repeat may cure. That nothing was sent is the {@link
 * Wire}'s to say.
 *
 * <p>Not among them: a connect timeout and a name that is not found (the time for it was spent
 * already, and clients try once), an untrusted certificate, another host's name in it, a pin that
 * does not match, a refused cleartext connection, an alert in the handshake.
 */
final class OkHttpNothingSent {
  private OkHttpNothingSent() {}

  static boolean by(Throwable failure) {
    return (failure instanceof ConnectException && !isTimeout(failure))
        || failure instanceof NoRouteToHostException
        || (failure instanceof SSLHandshakeException && isBroken(failure))
        || isRefused(failure);
  }

  /** The operating system's own timeout, after a minute or two, is a ConnectException. */
  private static boolean isTimeout(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t.getMessage() != null && t.getMessage().contains("timed out")) {
        return true;
      }
    }
    return false;
  }

  /** The peer went away in the middle of the handshake. */
  private static boolean isBroken(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause instanceof EOFException || cause instanceof SocketException;
  }

  /**
   * HTTP/2: the server says that it has not processed the stream. By name and message: a module
   * does not export the classes.
   */
  static boolean isRefused(@Nullable Throwable failure) {
    if (!(failure instanceof IOException)) {
      return false;
    }
    String type = failure.getClass().getName();
    return type.equals("okhttp3.internal.http2.ConnectionShutdownException")
        || (type.equals("okhttp3.internal.http2.StreamResetException")
            && String.valueOf(failure.getMessage()).contains("REFUSED_STREAM"));
  }
}
