package dev.paceline.it.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every kind of answer through every handler of the JDK's documentation, sync and async: what the
 * application gets (issue A8 (27), B).
 */
// client: jdk
public final class JdkAnswers {
  private record Use(BodyHandler<?> handler, Reader reader) {}

  private interface Reader {
    String read(Object body) throws Exception;
  }

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private final Provider provider = new Provider(Kinds::answer);
  private final Path folder = Files.createTempDirectory("it");

  private JdkAnswers() throws IOException {}

  public static void main(String[] names) throws IOException {
    JdkAnswers all = new JdkAnswers();
    Cases cases = new Cases(names);
    for (String kind : Kinds.ALL) {
      cases.add(
          kind,
          () -> {
            StringBuilder ends = new StringBuilder();
            for (String handler : all.uses().keySet()) {
              // What is as slow as it is large: once is enough.
              if (!kind.equals("bad-slow") || handler.equals("ofString")) {
                ends.append("\n    ").append(handler).append(": ").append(all.sync(kind, handler));
                ends.append("\n    ").append(handler).append(" async: ");
                ends.append(all.async(kind, handler));
              }
            }
            return ends;
          });
    }
    cases.end();
  }

  private Map<String, Use> uses() {
    Map<String, Use> uses = new LinkedHashMap<>();
    uses.put("ofString", new Use(BodyHandlers.ofString(), body -> (String) body));
    uses.put("ofByteArray", new Use(BodyHandlers.ofByteArray(), body -> latin((byte[]) body)));
    uses.put("ofInputStream", new Use(BodyHandlers.ofInputStream(), JdkAnswers::stream));
    uses.put(
        "ofInputStream, closed early",
        new Use(
            BodyHandlers.ofInputStream(),
            body -> {
              try (InputStream in = (InputStream) body) {
                // Whether the bytes before a reset are still there is a race in the JDK, too.
                return in.read() < 0 ? "nothing" : "something";
              } catch (IOException e) {
                return "something";
              }
            }));
    uses.put("ofLines", new Use(BodyHandlers.ofLines(), JdkAnswers::lines));
    uses.put(
        "ofFile",
        new Use(
            BodyHandlers.ofFile(folder.resolve("f" + System.nanoTime())),
            body -> latin(Files.readAllBytes((Path) body))));
    uses.put("ofPublisher", new Use(BodyHandlers.ofPublisher(), JdkAnswers::publisher));
    uses.put("discarding", new Use(BodyHandlers.discarding(), String::valueOf));
    uses.put("replacing", new Use(BodyHandlers.replacing("instead"), String::valueOf));
    uses.put(
        "buffering",
        new Use(BodyHandlers.buffering(BodyHandlers.ofString(), 64), body -> (String) body));
    uses.put("mapping", new Use((BodyHandler<String>) info -> mapped(), body -> (String) body));
    uses.put(
        "of lines",
        new Use(BodyHandlers.fromLineSubscriber(new Lines(), Lines::all, null), String::valueOf));
    uses.put("cancels", new Use((BodyHandler<String>) info -> new Cancels(), String::valueOf));
    uses.put(
        "handler throws",
        new Use(
            info -> {
              throw new IllegalStateException("the application's own");
            },
            String::valueOf));
    uses.put(
        "by status",
        new Use(
            (BodyHandler<String>)
                info ->
                    info.statusCode() == 200
                        ? BodySubscribers.ofString(StandardCharsets.UTF_8)
                        : BodySubscribers.replacing("status " + info.statusCode()),
            String::valueOf));
    uses.put(
        "the head",
        new Use(
            info ->
                BodySubscribers.replacing(
                    info.statusCode() + " " + new TreeSet<>(info.headers().map().keySet())),
            String::valueOf));
    return uses;
  }

  private static BodySubscriber<String> mapped() {
    return BodySubscribers.mapping(
        BodySubscribers.ofByteArray(), bytes -> bytes.length + " mapped");
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String stream(Object body) throws IOException {
    try (InputStream in = (InputStream) body) {
      return latin(in.readAllBytes());
    }
  }

  @SuppressWarnings("unchecked")
  private static String lines(Object body) {
    try (Stream<String> lines = (Stream<String>) body) {
      return lines.collect(Collectors.joining("|"));
    }
  }

  @SuppressWarnings("unchecked")
  private static String publisher(Object body) throws Exception {
    CompletableFuture<String> end = new CompletableFuture<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ((Publisher<List<ByteBuffer>>) body)
        .subscribe(
            new Subscriber<>() {
              private Subscription from;

              @Override
              public void onSubscribe(Subscription subscription) {
                from = subscription;
                from.request(1);
              }

              @Override
              public void onNext(List<ByteBuffer> buffers) {
                for (ByteBuffer buffer : buffers) {
                  while (buffer.hasRemaining()) {
                    bytes.write(buffer.get());
                  }
                }
                from.request(1);
              }

              @Override
              public void onError(Throwable thrown) {
                end.completeExceptionally(thrown);
              }

              @Override
              public void onComplete() {
                end.complete(latin(bytes.toByteArray()));
              }
            });
    return end.get(10, TimeUnit.SECONDS);
  }

  private static final class Lines implements Subscriber<String> {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      text.append(line).append('|');
    }

    @Override
    public void onError(Throwable thrown) {
      text.append("error");
    }

    @Override
    public void onComplete() {
      text.append("end");
    }

    String all() {
      return text.toString();
    }
  }

  /** Has had enough with the first bytes, or with the end. */
  private static final class Cancels implements BodySubscriber<String> {
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private Subscription from;

    @Override
    public CompletionStage<String> getBody() {
      return end;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      from = subscription;
      from.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      from.cancel();
      end.complete("enough");
    }

    @Override
    public void onError(Throwable thrown) {
      end.completeExceptionally(thrown);
    }

    @Override
    public void onComplete() {
      end.complete("nothing");
    }
  }

  private HttpRequest request(String kind) {
    // A key of its own: what one is told must not be remembered for the next.
    return Jdk.request(
            provider.chatUrl() + "?kind=" + kind,
            "sk-" + System.nanoTime(),
            BodyPublishers.ofString(Provider.chat("q" + System.nanoTime())))
        .build();
  }

  @SuppressWarnings("unchecked")
  private String sync(String kind, String name) {
    Use use = uses().get(name);
    HttpRequest request = request(kind);
    int before = provider.arrived();
    String end;
    try {
      end = told(client.send(request, (BodyHandler<Object>) use.handler()), request, use);
    } catch (Throwable t) {
      end = Cases.told(t);
    }
    return end + ", sent " + (provider.arrived() - before);
  }

  @SuppressWarnings("unchecked")
  private String async(String kind, String name) {
    Use use = uses().get(name);
    HttpRequest request = request(kind);
    int before = provider.arrived();
    String end;
    try {
      end =
          told(
              client
                  .sendAsync(request, (BodyHandler<Object>) use.handler())
                  .get(12, TimeUnit.SECONDS),
              request,
              use);
    } catch (ExecutionException e) {
      end = "later " + Cases.told(e.getCause());
    } catch (Throwable t) {
      end = Cases.told(t);
    }
    return end + ", sent " + (provider.arrived() - before);
  }

  private static String told(HttpResponse<?> response, HttpRequest request, Use use) {
    String body;
    try {
      body = Cases.text(use.reader().read(response.body()));
    } catch (UncheckedIOException e) {
      body = "reading: " + e.getCause().getClass().getSimpleName();
    } catch (Throwable t) {
      body =
          "reading: " + (t instanceof ExecutionException ? t.getCause() : t).getClass().getName();
    }
    return response.statusCode()
        + " "
        + response.version()
        + " "
        + new TreeSet<>(response.headers().map().keySet())
        + " previous "
        + response.previousResponse().isPresent()
        + " asked "
        + (response.request() == request || response.previousResponse().isPresent())
        + " "
        + response.uri().getPath()
        + " body "
        + body;
  }
}
