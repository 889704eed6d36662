package dev.paceline.it.app.springai1;

import dev.paceline.it.app.Runs;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** Spring's RestClient over its factories for the JDK's client and for OkHttp. */
public final class SpringFactoriesApp {
  private static final String OKHTTP =
      "org.springframework.http.client.OkHttp3ClientHttpRequestFactory";

  private SpringFactoriesApp() {}

  public static void main(String[] args) throws Exception {
    RestClient jdk = client(new JdkClientHttpRequestFactory());
    // By name: its constructors name OkHttp's classes, which come with another cell.
    RestClient okHttp =
        client((ClientHttpRequestFactory) Class.forName(OKHTTP).getConstructor().newInstance());
    Runs.main(args, Map.of("jdk", model -> ask(jdk, model), "okhttp", model -> ask(okHttp, model)));
  }

  private static RestClient client(ClientHttpRequestFactory factory) {
    return RestClient.builder()
        .requestFactory(factory)
        .baseUrl(Runs.url())
        .defaultHeader("Authorization", "Bearer sk-it")
        .build();
  }

  private static String ask(RestClient client, String model) {
    ResponseEntity<String> answer =
        client
            .post()
            .uri("/v1/chat/completions")
            .contentType(MediaType.APPLICATION_JSON)
            .body("{\"model\":\"" + model + "\",\"messages\":[]}")
            .retrieve()
            .toEntity(String.class);
    return answer.getStatusCode() + " " + answer.getBody();
  }
}
