package dev.paceline.it.app.googlegenai;

import com.google.genai.Client;
import com.google.genai.ResponseStream;
import com.google.genai.types.GenerateContentResponse;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import dev.paceline.it.app.Runs;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * google-genai with the OkHttp client that it brings. Its own retries keep their number; only their
 * waits are shortened, which are half a minute a call.
 */
public final class GoogleGenAiApp {
  private GoogleGenAiApp() {}

  public static void main(String[] args) throws Exception {
    Client client =
        Client.builder()
            .apiKey("AIza-it")
            .httpOptions(
                HttpOptions.builder()
                    .baseUrl(Runs.url())
                    .retryOptions(
                        HttpRetryOptions.builder().initialDelay(0.02).maxDelay(0.05).build())
                    .build())
            .build();
    Runs.main(
        args,
        Map.of(
            "sync", model -> text(client.models.generateContent(model, QUESTION, null)),
            "async", model -> async(client, model),
            "stream", model -> stream(client, model),
            "cut-stream", model -> cutStream(client, model),
            "unread-stream", model -> unreadStream(client, model)));
  }

  private static final String QUESTION = "How fast does light travel?";

  private static String text(GenerateContentResponse response) {
    @Nullable String text = response.text();
    return text == null ? "" : text;
  }

  private static String async(Client client, String model) throws Exception {
    try {
      return text(client.async.models.generateContent(model, QUESTION, null).join());
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String unreadStream(Client client, String model) {
    client.models.generateContentStream(model, QUESTION, null).close();
    return "";
  }

  private static String cutStream(Client client, String model) {
    try (ResponseStream<GenerateContentResponse> parts =
        client.models.generateContentStream(model, QUESTION, null)) {
      return text(parts.iterator().next());
    }
  }

  private static String stream(Client client, String model) {
    StringBuilder words = new StringBuilder();
    try (ResponseStream<GenerateContentResponse> parts =
        client.models.generateContentStream(model, QUESTION, null)) {
      parts.forEach(part -> words.append(text(part)));
    }
    return words.toString();
  }
}
