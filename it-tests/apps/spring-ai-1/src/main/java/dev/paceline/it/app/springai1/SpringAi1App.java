package dev.paceline.it.app.springai1;

import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import org.springframework.ai.retry.RetryUtils;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.retry.support.RetryTemplate;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Spring AI 1: RestClient and WebClient on the JDK client. Its retries are Spring's short template:
 * the default one waits 22 minutes on an upstream that always says 503.
 */
public final class SpringAi1App {
  private SpringAi1App() {}

  public static void main(String[] args) throws Exception {
    OpenAiChatModel chat =
        OpenAiChatModel.builder()
            .openAiApi(
                OpenAiApi.builder()
                    .baseUrl(Runs.url())
                    .apiKey("sk-it")
                    .restClientBuilder(client())
                    .webClientBuilder(
                        WebClient.builder().clientConnector(new JdkClientHttpConnector()))
                    .build())
            .retryTemplate(
                Boolean.getBoolean("it.once")
                    ? RetryTemplate.builder().maxAttempts(1).build()
                    : RetryUtils.SHORT_RETRY_TEMPLATE)
            .build();
    Runs.main(
        args,
        Map.of(
            "sync", model -> text(chat.call(ask(model))),
            "stream",
                model ->
                    chat.stream(ask(model))
                        .toStream()
                        .map(SpringAi1App::text)
                        .collect(Collectors.joining())));
  }

  private static RestClient.Builder client() {
    RestClient.Builder builder = RestClient.builder().requestFactory(requests());
    return Boolean.getBoolean("it.ids") ? builder.requestInterceptor(SpringAi1App::noted) : builder;
  }

  /** With {@code it.ids}: each request of Spring's carries an id; said when it ended, and how. */
  private static ClientHttpResponse noted(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    String id = UUID.randomUUID().toString();
    request.getHeaders().set("x-id", id);
    boolean answered = false;
    try {
      ClientHttpResponse response = execution.execute(request, body);
      answered = true;
      return response;
    } finally {
      Say.run(answered ? "answered" : "left")
          .with("ok", answered)
          .with("text", id + " " + ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()))
          .line();
    }
  }

  /** With {@code it.read-timeout} in milliseconds: sendAsync, and the future is cancelled. */
  private static JdkClientHttpRequestFactory requests() {
    JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
    int timeout = Integer.getInteger("it.read-timeout", 0);
    if (timeout > 0) {
      factory.setReadTimeout(Duration.ofMillis(timeout));
    }
    return factory;
  }

  private static Prompt ask(String model) {
    return new Prompt(
        "How fast does light travel?", OpenAiChatOptions.builder().model(model).build());
  }

  private static String text(ChatResponse response) {
    String text = response.getResult() == null ? null : response.getResult().getOutput().getText();
    return text == null ? "" : text;
  }
}
