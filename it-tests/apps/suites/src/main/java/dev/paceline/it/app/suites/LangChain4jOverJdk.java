package dev.paceline.it.app.suites;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientIT;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/** langchain4j's suite for HTTP clients over its JDK client; OpenAI is played on loopback. */
public class LangChain4jOverJdk extends HttpClientIT {
  private static final String REAL = "https://api.openai.com";

  @Override
  protected List<HttpClient> clients() {
    return List.of(here(JdkHttpClient.builder().build()));
  }

  private static HttpClient here(HttpClient client) {
    return (HttpClient)
        Proxy.newProxyInstance(
            HttpClient.class.getClassLoader(),
            new Class<?>[] {HttpClient.class},
            (proxy, method, arguments) -> {
              for (int i = 0; arguments != null && i < arguments.length; i++) {
                if (arguments[i] instanceof HttpRequest request) {
                  arguments[i] = here(request);
                }
              }
              try {
                return method.invoke(client, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static HttpRequest here(HttpRequest request) {
    return HttpRequest.builder()
        .method(request.method())
        .url(request.url().replace(REAL, PlayedOpenAi.url()))
        .headers(request.headers())
        .body(request.body())
        .build();
  }
}
