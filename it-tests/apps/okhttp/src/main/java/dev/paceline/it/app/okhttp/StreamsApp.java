package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Rest;
import dev.paceline.it.app.Say;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import org.jspecify.annotations.Nullable;

/**
 * Reads streams, one after another, in every way, and tells of each its status, length and hash. A
 * line of the file: run, way, URL, body, with tabs between them. In the end it says what the agent
 * counted, if it is told where that stands.
 */
public final class StreamsApp {
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final OkHttpClient OKHTTP =
      new OkHttpClient.Builder().readTimeout(20, TimeUnit.SECONDS).build();

  /**
   * What nobody reads stays open and reachable until the last run is over, as in an application
   * that forgot it: its answer is still on the way, and its permit is held. Closed in the end, when
   * the permits must come back.
   */
  private static final List<Closeable> FORGOTTEN = new ArrayList<>();

  private StreamsApp() {}

  public static void main(String[] args) throws Exception {
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] parts = line.split("\t", -1);
      Say say = Say.run(parts[0]);
      long begin = System.nanoTime();
      try {
        say.with("ok", true).with("text", read(parts[1], parts[2], parts[3]));
      } catch (Throwable t) {
        say.with("ok", false).failure(t);
      }
      say.with("millis", (System.nanoTime() - begin) / 1_000_000).line();
    }
    if (args.length > 1) {
      try (InputStream metrics = new URL(args[1]).openStream()) {
        new String(metrics.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("paceline_"))
            .forEach(line -> System.out.print("METRIC " + line + "\n"));
      }
    }
    say("forgotten", Rest.figures());
    for (Closeable forgotten : FORGOTTEN) {
      forgotten.close();
    }
    say("closed", Rest.figures());
    System.out.flush();
    System.exit(0);
  }

  private static void say(String run, String figures) {
    Say.run(run).with("ok", true).with("text", figures).with("millis", 0L).line();
  }

  private static String read(String way, String url, String body) throws Exception {
    return switch (way) {
      case "jdk-bytes" -> told(jdk(url, body, BodyHandlers.ofByteArray()));
      case "jdk-async" -> {
        try {
          yield told(
              JDK.sendAsync(request(url, body), BodyHandlers.ofByteArray())
                  .get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        }
      }
      case "jdk-stream" -> {
        HttpResponse<InputStream> answer = jdk(url, body, BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
          yield told(answer.statusCode(), byBits(in));
        }
      }
      case "jdk-lines" ->
          told(
              200,
              String.join("\n", jdk(url, body, BodyHandlers.ofLines()).body().toList())
                  .getBytes(StandardCharsets.UTF_8));
      case "jdk-flow" -> told(200, collect(jdk(url, body, BodyHandlers.ofPublisher()).body()));
      case "jdk-closed" -> {
        try (InputStream in = jdk(url, body, BodyHandlers.ofInputStream()).body()) {
          yield told(200, in.readNBytes(20));
        }
      }
      case "jdk-unread" -> {
        FORGOTTEN.add(jdk(url, body, BodyHandlers.ofInputStream()).body());
        yield "unread";
      }
      case "okhttp-bytes" -> {
        try (Response answer = okhttp(url, body).execute()) {
          yield told(answer.code(), answer.body().bytes());
        }
      }
      case "okhttp-async" -> enqueued(okhttp(url, body));
      case "okhttp-stream" -> {
        try (Response answer = okhttp(url, body).execute()) {
          yield told(answer.code(), byBits(answer.body().byteStream()));
        }
      }
      case "okhttp-events" -> events(url, body);
      case "okhttp-closed" -> {
        try (Response answer = okhttp(url, body).execute()) {
          yield told(200, answer.body().source().readByteArray(20));
        }
      }
      case "okhttp-unread" -> {
        FORGOTTEN.add(okhttp(url, body).execute());
        yield "unread";
      }
      default -> throw new IllegalArgumentException(way);
    };
  }

  private static HttpRequest request(String url, String body) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("Authorization", "Bearer sk-it")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static <T> HttpResponse<T> jdk(String url, String body, BodyHandler<T> handler)
      throws Exception {
    return JDK.send(request(url, body), handler);
  }

  private static Request okRequest(String url, String body) {
    return new Request.Builder()
        .url(url)
        .header("Authorization", "Bearer sk-it")
        .post(RequestBody.create(MediaType.get("application/json"), body))
        .build();
  }

  private static Call okhttp(String url, String body) {
    return OKHTTP.newCall(okRequest(url, body));
  }

  private static String enqueued(Call call) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            text.completeExceptionally(e);
          }

          @Override
          public void onResponse(Call served, Response response) {
            try (response) {
              text.complete(told(response.code(), response.body().bytes()));
            } catch (Exception e) {
              text.completeExceptionally(e);
            }
          }
        });
    return OkHttpApp.got(text);
  }

  private static String events(String url, String body) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    StringBuilder all = new StringBuilder();
    EventSources.createFactory(OKHTTP)
        .newEventSource(
            okRequest(url, body),
            new EventSourceListener() {
              @Override
              public void onEvent(
                  EventSource source, @Nullable String id, @Nullable String type, String data) {
                all.append(type).append(' ').append(data).append('\n');
              }

              @Override
              public void onClosed(EventSource source) {
                try {
                  text.complete(told(200, all.toString().getBytes(StandardCharsets.UTF_8)));
                } catch (Exception e) {
                  text.completeExceptionally(e);
                }
              }

              @Override
              public void onFailure(
                  EventSource source, @Nullable Throwable thrown, @Nullable Response response) {
                text.completeExceptionally(
                    thrown == null ? new IOException(String.valueOf(response)) : thrown);
              }
            });
    return OkHttpApp.got(text);
  }

  private static byte[] byBits(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] some = new byte[7];
    for (int n; (n = in.read(some)) >= 0; ) {
      out.write(some, 0, n);
    }
    return out.toByteArray();
  }

  private static byte[] collect(Flow.Publisher<List<ByteBuffer>> publisher) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompletableFuture<byte[]> done = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private Flow.@Nullable Subscription from;

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            from = subscription;
            subscription.request(1);
          }

          @Override
          public void onNext(List<ByteBuffer> item) {
            for (ByteBuffer buffer : item) {
              byte[] part = new byte[buffer.remaining()];
              buffer.get(part);
              out.writeBytes(part);
            }
            if (from != null) {
              from.request(1);
            }
          }

          @Override
          public void onError(Throwable failure) {
            done.completeExceptionally(failure);
          }

          @Override
          public void onComplete() {
            done.complete(out.toByteArray());
          }
        });
    try {
      return done.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String told(HttpResponse<byte[]> answer) throws Exception {
    return told(answer.statusCode(), answer.body());
  }

  private static String told(int status, byte[] body) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
    return status + " " + body.length + " " + Arrays.hashCode(hash);
  }
}
