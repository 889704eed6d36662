package dev.paceline.it.app.langchain4j;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.paceline.it.app.Runs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** langchain4j's OpenAI model with the JDK client that it brings. */
public final class LangChain4jApp {
  private LangChain4jApp() {}

  public static void main(String[] args) throws Exception {
    Runs.main(
        args,
        Map.of(
            "sync",
            LangChain4jApp::sync,
            "stream",
            model -> stream(model, HttpClientBuilderLoader.loadHttpClientBuilder(), false),
            "cut-stream",
            model -> stream(model, HttpClientBuilderLoader.loadHttpClientBuilder(), true),
            "unread-stream",
            LangChain4jApp::unreadStream));
  }

  private static String sync(String model) {
    return OpenAiChatModel.builder()
        .baseUrl(Runs.url() + "/v1")
        .apiKey("sk-it")
        .modelName(model)
        .build()
        .chat(Runs.question());
  }

  /** Whether a stream ends well or not: nobody has read it. */
  private static String unreadStream(String model) throws Exception {
    try {
      return stream(model, new Unread(HttpClientBuilderLoader.loadHttpClientBuilder()), false);
    } catch (TimeoutException e) {
      throw e;
    } catch (Exception e) {
      return "";
    }
  }

  /**
   * @param cut whether to cancel behind the first part, with the handle that comes with it
   */
  private static String stream(String model, HttpClientBuilder client, boolean cut)
      throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    StringBuffer words = new StringBuffer();
    OpenAiStreamingChatModel.builder()
        .baseUrl(Runs.url() + "/v1")
        .apiKey("sk-it")
        .modelName(model)
        .httpClientBuilder(client)
        .build()
        .chat(
            Runs.question(),
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
                words.append(part.text());
                if (cut) {
                  context.streamingHandle().cancel();
                  text.complete(words.toString());
                }
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

  /**
   * A model's handler cannot leave a stream unread: its handle comes with the first part. What can
   * is a client put in front of langchain4j's own, whose parser closes the body instead of reading.
   */
  private record Unread(HttpClientBuilder builder) implements HttpClientBuilder {
    @Override
    public Duration connectTimeout() {
      return builder.connectTimeout();
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
      return new Unread(builder.connectTimeout(timeout));
    }

    @Override
    public Duration readTimeout() {
      return builder.readTimeout();
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
      return new Unread(builder.readTimeout(timeout));
    }

    @Override
    public HttpClient build() {
      HttpClient client = builder.build();
      return new HttpClient() {
        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
          return client.execute(request);
        }

        @Override
        public void execute(
            HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
          client.execute(request, (body, events) -> close(body), listener);
        }
      };
    }

    private static void close(InputStream body) {
      try {
        body.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
