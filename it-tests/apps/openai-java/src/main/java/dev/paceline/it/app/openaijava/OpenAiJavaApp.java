package dev.paceline.it.app.openaijava;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import dev.paceline.it.app.Runs;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** An unmodified openai-java with the OkHttp client that it brings. */
public final class OpenAiJavaApp {
  private OpenAiJavaApp() {}

  public static void main(String[] args) throws Exception {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(Runs.url() + "/v1")
            .apiKey("sk-it")
            .maxRetries(Integer.getInteger("it.retries", 2)) // 2 is its own
            .build();
    Runs.main(
        args,
        Map.of(
            "sync", model -> text(client.chat().completions().create(ask(model))),
            "async", model -> async(client, model),
            "stream", model -> stream(client, model),
            "async-stream", model -> asyncStream(client, model),
            "usage-stream", model -> usageStream(client, model),
            "cut-stream", model -> cutStream(client, model),
            "unread-stream", model -> unreadStream(client, model)));
  }

  private static ChatCompletionCreateParams ask(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage(Runs.question())
        .build();
  }

  private static String text(ChatCompletion completion) {
    return completion.choices().get(0).message().content().orElse("");
  }

  private static String text(ChatCompletionChunk chunk) {
    // The last chunk tells the usage and has no choice.
    return chunk.choices().isEmpty() ? "" : chunk.choices().get(0).delta().content().orElse("");
  }

  private static String async(OpenAIClient client, String model) throws Exception {
    try {
      return text(client.async().chat().completions().create(ask(model)).join());
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String stream(OpenAIClient client, String model) {
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(ask(model))) {
      return chunks.stream().map(OpenAiJavaApp::text).collect(Collectors.joining());
    }
  }

  private static String usageStream(OpenAIClient client, String model) {
    ChatCompletionCreateParams asking =
        ask(model).toBuilder()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    StringBuilder words = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(asking)) {
      chunks.stream()
          .filter(chunk -> !chunk.choices().isEmpty())
          .forEach(chunk -> words.append(text(chunk)));
    }
    return words.toString();
  }

  private static String cutStream(OpenAIClient client, String model) {
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(ask(model))) {
      return chunks.stream().findFirst().map(OpenAiJavaApp::text).orElse("");
    }
  }

  private static String unreadStream(OpenAIClient client, String model) {
    client.chat().completions().createStreaming(ask(model)).close();
    return "";
  }

  private static String asyncStream(OpenAIClient client, String model) throws Exception {
    StringBuffer words = new StringBuffer();
    try {
      client
          .async()
          .chat()
          .completions()
          .createStreaming(ask(model))
          .subscribe(chunk -> words.append(text(chunk)))
          .onCompleteFuture()
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    return words.toString();
  }
}
