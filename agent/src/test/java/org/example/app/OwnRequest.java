package org.example.app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;

/** A request of an application's own kind, one of whose methods fails. */
public final class OwnRequest extends HttpRequest {
  private final HttpRequest to;
  private final String failing;

  public OwnRequest(HttpRequest to, String failing) {
    this.to = to;
    this.failing = failing;
  }

  private void at(String method) {
    if (method.equals(failing)) {
      throw new IllegalStateException("mine: " + method);
    }
  }

  @Override
  public Optional<BodyPublisher> bodyPublisher() {
    at("bodyPublisher");
    return to.bodyPublisher();
  }

  @Override
  public String method() {
    at("method");
    return to.method();
  }

  @Override
  public Optional<Duration> timeout() {
    at("timeout");
    return to.timeout();
  }

  @Override
  public boolean expectContinue() {
    at("expectContinue");
    return to.expectContinue();
  }

  @Override
  public URI uri() {
    at("uri");
    return to.uri();
  }

  @Override
  public Optional<HttpClient.Version> version() {
    at("version");
    return to.version();
  }

  @Override
  public HttpHeaders headers() {
    at("headers");
    return to.headers();
  }
}
