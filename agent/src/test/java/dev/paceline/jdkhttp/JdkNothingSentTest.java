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

class JdkNothingSentTest {
  @Test
  void namedExceptionsSayThatNothingWasSent() {
    assertThat(JdkNothingSent.test(new ConnectException())).isTrue();
    assertThat(JdkNothingSent.test(new CompletionException(new ConnectException()))).isTrue();
    assertThat(JdkNothingSent.test(new SSLHandshakeException("x"))).isTrue();
    assertThat(JdkNothingSent.test(new IOException("Received RST_STREAM: Stream not processed")))
        .isTrue();
  }

  @Test
  void anythingElseMayHaveBeenProcessed() {
    assertThat(JdkNothingSent.test(new HttpTimeoutException("x"))).isFalse();
    assertThat(JdkNothingSent.test(new IOException("HTTP/1.1 header parser received no bytes")))
        .isFalse();
    assertThat(JdkNothingSent.test(new IOException("Received RST_STREAM: Stream cancelled")))
        .isFalse();
    assertThat(JdkNothingSent.test(new IOException("closed"))).isFalse();
    assertThat(JdkNothingSent.test(new IOException(new ConnectException()))).isFalse();
  }

  /** Time was spent already: failover and circuit breakers wait for the word. */
  @Test
  void whatTookItsTimeIsNotTriedAgain() {
    assertThat(JdkNothingSent.test(new HttpConnectTimeoutException("x"))).isFalse();
    assertThat(JdkNothingSent.test(new ConnectException("Connection timed out"))).isFalse();
    assertThat(JdkNothingSent.test(new UnknownHostException("x"))).isFalse();
    ConnectException unknown = new ConnectException();
    unknown.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
    assertThat(JdkNothingSent.test(unknown)).isFalse();
  }

  @Test
  void untrustedCertificateIsNotTriedAgain() {
    SSLHandshakeException untrusted = new SSLHandshakeException("x");
    untrusted.initCause(new CertificateException("y"));
    assertThat(JdkNothingSent.test(untrusted)).isFalse();
  }
}
