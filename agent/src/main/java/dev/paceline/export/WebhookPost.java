package dev.paceline.export;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends a message over HTTP with nothing that the application has set for the whole JVM but its
 * proxy. {@code HttpURLConnection} takes the application's cookies along and stores the answer's,
 * and trusts whomever the application's host name verifier and socket factory trust.
 */
final class WebhookPost implements Webhook.Post {
  private final URI address;
  private final long timeoutMillis;
  private @Nullable HttpClient client;

  /**
   * @param timeoutMillis of the whole exchange, a body that drips included
   */
  WebhookPost(URI address, long timeoutMillis) {
    this.address = address;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public int send(byte[] json) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(Duration.ofMillis(timeoutMillis))
            .header("Content-Type", "application/json")
            .header("User-Agent", "paceline")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build();
    CompletableFuture<HttpResponse<Void>> answer =
        client().sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      return answer.get(timeoutMillis, TimeUnit.MILLISECONDS).statusCode();
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      answer.cancel(true);
    }
  }

  private HttpClient client() throws IOException {
    HttpClient known = client;
    if (known == null) {
      try {
        SSLContext own = SSLContext.getInstance("TLS"); // not the default one: that can be replaced
        own.init(null, null, null);
        known =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(timeoutMillis))
                .sslContext(own)
                .build();
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
      client = known;
    }
    return known;
  }
}
