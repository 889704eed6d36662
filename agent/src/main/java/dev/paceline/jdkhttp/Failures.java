package dev.paceline.jdkhttp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Exceptions as the JDK's client throws them ({@code jdk.internal.net.http.HttpClientImpl}). */
final class Failures {
  /** What the client itself says to calls that {@code shutdownNow} ends. */
  static final String STOPPED = "shutdownNow";

  static final String SHUTTING_DOWN = "the JVM is shutting down, the request was not sent";

  private Failures() {}

  /** What the client throws when {@code HttpRequest.timeout} is over. */
  static Throwable timedOut() {
    return new HttpTimeoutException("request timed out");
  }

  /** What {@code send} makes of what its future failed with. */
  static Throwable ofSend(Throwable failure) {
    Throwable t = unwrap(failure);
    String message = t.getMessage();
    if (t instanceof IllegalArgumentException) {
      return new IllegalArgumentException(message, t);
    } else if (t instanceof SecurityException) {
      return new SecurityException(message, t);
    } else if (t instanceof HttpConnectTimeoutException) {
      return caused(new HttpConnectTimeoutException(message), t);
    } else if (t instanceof HttpTimeoutException) {
      return new HttpTimeoutException(message);
    } else if (t instanceof ConnectException) {
      return caused(new ConnectException(message), t);
    } else if (t instanceof SSLHandshakeException) {
      return caused(new SSLHandshakeException(message), t);
    } else if (t instanceof SSLException) {
      return new SSLException(message, t);
    } else if (t instanceof ProtocolException) {
      return caused(new ProtocolException(message), t);
    }
    return new IOException(message, t);
  }

  private static Throwable caused(Throwable t, Throwable cause) {
    t.initCause(cause);
    return t;
  }

  /** What a future completed with, without the wrapper of {@code CompletableFuture}. */
  static Throwable unwrap(Throwable t) {
    @Nullable Throwable cause = t.getCause();
    return (t instanceof CompletionException || t instanceof ExecutionException) && cause != null
        ? cause
        : t;
  }

  /** What a call ends with when a future that depends on its own was cancelled. */
  static Throwable cancelled() {
    CancellationException cancelled = new CancellationException("Request cancelled");
    cancelled.initCause(new IOException("Request cancelled"));
    return new CompletionException(cancelled);
  }
}
