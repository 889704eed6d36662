package dev.paceline.okhttp.beside;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;

/** The failures after which the provider has surely seen nothing of the request. */
final class NothingSent {
  private NothingSent() {}

  static boolean by(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof NoRouteToHostException
        || failure instanceof UnknownHostException
        || failure instanceof SSLHandshakeException
        || isConnectTimeout(failure)
        || isRefusedStream(failure);
  }

  /** The JDK tells a connect timeout from a read timeout by its message only. */
  private static boolean isConnectTimeout(Throwable failure) {
    return failure instanceof SocketTimeoutException
        && "connect timed out".equalsIgnoreCase(failure.getMessage());
  }

  /**
   * HTTP/2: the server says that it has not processed the stream. By name and message: a module
   * does not export the classes.
   */
  private static boolean isRefusedStream(Throwable failure) {
    String type = failure.getClass().getName();
    return type.equals("okhttp3.internal.http2.ConnectionShutdownException")
        || (type.equals("okhttp3.internal.http2.StreamResetException")
            && String.valueOf(failure.getMessage()).contains("REFUSED_STREAM"));
  }
}
