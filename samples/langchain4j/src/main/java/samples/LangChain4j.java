package samples;

import dev.langchain4j.model.openai.OpenAiChatModel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** 60 calls by 20 threads through langchain4j's default HTTP client, the JDK's. */
public final class LangChain4j {
  public static void main(String[] args) throws InterruptedException {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(args[0] + "/v1")
            .apiKey("sk-sample")
            .modelName("gpt-4o-mini")
            .maxCompletionTokens(50)
            .build();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(20);
    long began = System.nanoTime();
    for (int i = 0; i < 60; i++) {
      threads.submit(
          () -> {
            try {
              model.chat("Why is the sky blue?");
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
    System.exit(ended && failed.get() == 0 ? 0 : 1);
  }
}
