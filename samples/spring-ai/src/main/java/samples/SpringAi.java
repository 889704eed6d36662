package samples;

import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * A web application with {@code GET /chat}, and 60 requests by 20 threads that it makes to itself.
 */
@SpringBootApplication
@RestController
public class SpringAi {
  private final ChatModel model;

  SpringAi(ChatModel model) {
    this.model = model;
  }

  @GetMapping("/chat")
  Map<String, String> chat() {
    return Map.of("answer", String.valueOf(model.call("Why is the sky blue?")));
  }

  /** What Spring AI's starter makes of {@code spring.ai.openai.*}. */
  @Configuration(proxyBeanMethods = false)
  static class Models {
    @Bean
    ChatModel chatModel(@Value("${llm.url}") String url, RestClient.Builder builder) {
      return OpenAiChatModel.builder()
          .openAiApi(
              OpenAiApi.builder()
                  .baseUrl(url)
                  .apiKey("sk-sample")
                  .restClientBuilder(builder)
                  .build())
          .defaultOptions(OpenAiChatOptions.builder().model("gpt-4o-mini").maxTokens(50).build())
          .build();
    }
  }

  public static void main(String[] args) throws InterruptedException {
    var context =
        (ServletWebServerApplicationContext)
            SpringApplication.run(
                SpringAi.class,
                "--llm.url=" + args[0],
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn");
    RestClient browser =
        RestClient.create("http://127.0.0.1:" + context.getWebServer().getPort() + "/chat");
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(20);
    long began = System.nanoTime();
    for (int i = 0; i < 60; i++) {
      threads.submit(
          () -> {
            try {
              browser.get().retrieve().toBodilessEntity();
            } catch (RestClientException e) {
              failed.incrementAndGet();
            }
          });
    }
    threads.shutdown();
    boolean ended = threads.awaitTermination(5, TimeUnit.MINUTES);
    long seconds = (System.nanoTime() - began) / 1_000_000_000;
    System.out.println(
        "60 calls, " + failed + " failed, " + seconds + " s" + (ended ? "" : ", not all ended"));
    System.exit(ended && failed.get() == 0 ? 0 : 1);
  }
}
