package dev.paceline.it.app.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.paceline.it.app.Runs;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** langchain4j's OpenAI model with the JDK client that it brings. */
public final class LangChain4jApp {
  private LangChain4jApp() {}

  public static void main(String[] args) throws Exception {
    Runs.main(args, Map.of("sync", LangChain4jApp::sync, "stream", LangChain4jApp::stream));
  }

  private static String sync(String model) {
    return OpenAiChatModel.builder()
        .baseUrl(Runs.url() + "/v1")
        .apiKey("sk-it")
        .modelName(model)
        .build()
        .chat(Runs.question());
  }

  private static String stream(String model) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    StringBuffer words = new StringBuffer();
    OpenAiStreamingChatModel.builder()
        .baseUrl(Runs.url() + "/v1")
        .apiKey("sk-it")
        .modelName(model)
        .build()
        .chat(
            Runs.question(),
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String part) {
                words.append(part);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                text.complete(words.toString());
              }

              @Override
              public void onError(Throwable thrown) {
                text.completeExceptionally(thrown);
              }
            });
    try {
      return text.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
