package dev.paceline.it.app.anthropicjava;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import dev.paceline.it.app.Runs;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** An unmodified anthropic-java with the OkHttp client that it brings. */
public final class AnthropicJavaApp {
  private AnthropicJavaApp() {}

  public static void main(String[] args) throws Exception {
    AnthropicClient client =
        AnthropicOkHttpClient.builder().baseUrl(Runs.url()).apiKey("sk-ant-it").build();
    Runs.main(
        args,
        Map.of(
            "sync", model -> text(client.messages().create(ask(model))),
            "async", model -> async(client, model),
            "stream", model -> stream(client, model),
            "async-stream", model -> asyncStream(client, model),
            "cut-stream", model -> cutStream(client, model),
            "unread-stream", model -> unreadStream(client, model)));
  }

  private static MessageCreateParams ask(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .maxTokens(64)
        .addUserMessage(Runs.question())
        .build();
  }

  private static String text(Message message) {
    return message.content().get(0).asText().text();
  }

  private static String text(RawMessageStreamEvent event) {
    return event.contentBlockDelta().map(delta -> delta.delta().asText().text()).orElse("");
  }

  private static String async(AnthropicClient client, String model) throws Exception {
    try {
      return text(client.async().messages().create(ask(model)).join());
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String stream(AnthropicClient client, String model) {
    try (StreamResponse<RawMessageStreamEvent> events =
        client.messages().createStreaming(ask(model))) {
      return events.stream().map(AnthropicJavaApp::text).collect(Collectors.joining());
    }
  }

  private static String cutStream(AnthropicClient client, String model) {
    try (StreamResponse<RawMessageStreamEvent> events =
        client.messages().createStreaming(ask(model))) {
      return events.stream().findFirst().map(AnthropicJavaApp::text).orElse("");
    }
  }

  private static String unreadStream(AnthropicClient client, String model) {
    client.messages().createStreaming(ask(model)).close();
    return "";
  }

  private static String asyncStream(AnthropicClient client, String model) throws Exception {
    StringBuffer words = new StringBuffer();
    try {
      client
          .async()
          .messages()
          .createStreaming(ask(model))
          .subscribe(event -> words.append(text(event)))
          .onCompleteFuture()
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    return words.toString();
  }
}
