package samples;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** 60 calls by 20 threads through the official SDK, at its default of two retries. */
public final class OpenAiJava {
  public static void main(String[] args) throws InterruptedException {
    OpenAIClient client =
        OpenAIOkHttpClient.builder().baseUrl(args[0] + "/v1").apiKey("sk-sample").build();
    ChatCompletionCreateParams request =
        ChatCompletionCreateParams.builder()
            .model("gpt-4o-mini")
            .maxCompletionTokens(50)
            .addUserMessage("Why is the sky blue?")
            .build();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(20);
    long began = System.nanoTime();
    for (int i = 0; i < 60; i++) {
      threads.submit(
          () -> {
            try {
              client.chat().completions().create(request);
            } catch (RuntimeException e) {
              failed.incrementAndGet();
            }
          });
    }
    threads.shutdown();
    boolean ended = threads.awaitTermination(5, TimeUnit.MINUTES);
    long seconds = (System.nanoTime() - began) / 1_000_000_000;
    System.out.println(
        "60 calls, " + failed + " failed, " + seconds + " s" + (ended ? "" : ", not all ended"));
    client.close();
    System.exit(ended && failed.get() == 0 ? 0 : 1);
  }
}
