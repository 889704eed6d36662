package dev.paceline.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class NothingSentTest {
  @Test
  void namedExceptionsSayThatNothingWasSent() {
    assertThat(NothingSent.test(new ConnectException())).isTrue();
    assertThat(NothingSent.test(new CompletionException(new ConnectException()))).isTrue();
    assertThat(NothingSent.test(new SSLHandshakeException("x"))).isTrue();
    assertThat(NothingSent.test(new IOException("Received RST_STREAM: Stream not processed")))
        .isTrue();
  }

  @Test
  void anythingElseMayHaveBeenProcessed() {
    assertThat(NothingSent.test(new HttpTimeoutException("x"))).isFalse();
    assertThat(NothingSent.test(new IOException("HTTP/1.1 header parser received no bytes")))
        .isFalse();
    assertThat(NothingSent.test(new IOException("Received RST_STREAM: Stream cancelled")))
        .isFalse();
    assertThat(NothingSent.test(new IOException("closed"))).isFalse();
    assertThat(NothingSent.test(new IOException(new ConnectException()))).isFalse();
  }

  /** Time was spent already: failover and circuit breakers wait for the word. */
  @Test
  void whatTookItsTimeIsNotTriedAgain() {
    assertThat(NothingSent.test(new HttpConnectTimeoutException("x"))).isFalse();
    assertThat(NothingSent.test(new ConnectException("Connection timed out"))).isFalse();
    assertThat(NothingSent.test(new UnknownHostException("x"))).isFalse();
    ConnectException unknown = new ConnectException();
    unknown.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
    assertThat(NothingSent.test(unknown)).isFalse();
  }

  @Test
  void untrustedCertificateIsNotTriedAgain() {
    SSLHandshakeException untrusted = new SSLHandshakeException("x");
    untrusted.initCause(new CertificateException("y"));
    assertThat(NothingSent.test(untrusted)).isFalse();
  }
}
