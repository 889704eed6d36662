package dev.paceline.it.app.suites;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientTimeoutIT;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;

/** Its suite for read timeouts. */
public class LangChain4jTimeouts extends HttpClientTimeoutIT {
  @Override
  protected List<HttpClient> clients(Duration readTimeout) {
    return List.of(JdkHttpClient.builder().readTimeout(readTimeout).build());
  }

  @Override
  protected Class<? extends Exception> expectedReadTimeoutRootCauseExceptionType() {
    return HttpTimeoutException.class;
  }
}
