package dev.paceline.jdkhttp;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A response as the application would see it without the agent, where the one of the attempt tells
 * too much or too little: its body publisher is our replay, its headers lack the mark for SDKs, or
 * its status and body are those of an earlier answer.
 *
 * @param exchange the call, which is over
 * @param attempt the attempt's own response; null when nothing was sent
 */
record SeenResponse<T>(
    Exchange exchange,
    HttpRequest request,
    @Nullable HttpResponse<?> attempt,
    int statusCode,
    HttpHeaders headers,
    HttpClient.Version version,
    T body)
    implements HttpResponse<T> {
  private static final @Nullable MethodHandle LABEL = label();

  @Override
  @SuppressWarnings("unchecked") // the JDK's own previous responses have no body
  public Optional<HttpResponse<T>> previousResponse() {
    HttpResponse<?> a = attempt;
    return a == null
        ? Optional.empty()
        : (Optional<HttpResponse<T>>)
            (Optional<?>)
                a.previousResponse().map(p -> exchange.seen((HttpResponse<Object>) p, false));
  }

  @Override
  public Optional<SSLSession> sslSession() {
    HttpResponse<?> a = attempt;
    return a == null ? Optional.empty() : a.sslSession();
  }

  @Override
  public URI uri() {
    HttpResponse<?> a = attempt;
    return a == null ? request.uri() : a.uri();
  }

  /** Overrides {@code HttpResponse.connectionLabel} of Java 25, which we do not compile against. */
  @SuppressWarnings("unchecked") // Optional<String> by its declaration
  public Optional<String> connectionLabel() {
    HttpResponse<?> a = attempt;
    MethodHandle handle = LABEL;
    if (a == null || handle == null) {
      return Optional.empty();
    }
    try {
      return (Optional<String>) handle.invoke(a);
    } catch (Throwable t) {
      return Optional.empty();
    }
  }

  private static @Nullable MethodHandle label() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(
              HttpResponse.class, "connectionLabel", MethodType.methodType(Optional.class));
    } catch (ReflectiveOperationException beforeJava25) {
      return null;
    }
  }

  // By identity, as the client's own.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return "(" + request.method() + " " + request.uri() + ") " + statusCode;
  }
}
