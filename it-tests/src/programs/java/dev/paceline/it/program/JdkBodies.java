package dev.paceline.it.program;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishers that can be read once, have side effects, or fail (issue A1, A8 (21), B). */
// client: jdk
public final class JdkBodies {
  private static final byte[] QUESTION = Provider.chat("one shot").getBytes();

  private final HttpClient client = Jdk.client();
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            if (got.key().startsWith("limited") && provider().turn(got) == 1) {
              reply.json(429, Provider.LIMITED, "retry-after-ms", "100");
            } else {
              reply.json(200, Provider.OK);
            }
          });

  private JdkBodies() throws IOException {}

  private Provider provider() {
    return provider;
  }

  /** A publisher and how often it was asked for its bytes. */
  private record Source(BodyPublisher publisher, AtomicInteger asked) {}

  private static final class Once implements BodyPublisher {
    private final AtomicInteger asked;
    private final long length;

    Once(AtomicInteger asked, long length) {
      this.asked = asked;
      this.length = length;
    }

    @Override
    public long contentLength() {
      return length;
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
      if (asked.incrementAndGet() > 1) {
        subscriber.onSubscribe(new Nothing());
        subscriber.onError(new IOException("read already"));
      } else {
        BodyPublishers.ofByteArray(QUESTION).subscribe(subscriber);
      }
    }
  }

  private static final class Nothing implements Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  private static Source source(String kind) {
    AtomicInteger asked = new AtomicInteger();
    return new Source(
        switch (kind) {
          case "bytes" -> BodyPublishers.ofByteArray(QUESTION);
          case "stream" ->
              BodyPublishers.ofInputStream(
                  () -> {
                    asked.incrementAndGet();
                    return new ByteArrayInputStream(QUESTION);
                  });
          case "stream once" -> {
            ByteArrayInputStream in = new ByteArrayInputStream(QUESTION);
            yield BodyPublishers.ofInputStream(
                () -> {
                  asked.incrementAndGet();
                  return in;
                });
          }
          case "once" -> new Once(asked, QUESTION.length);
          default -> new Once(asked, -1);
        },
        asked);
  }

  public static void main(String[] names) throws IOException {
    JdkBodies all = new JdkBodies();
    Cases cases = new Cases(names);
    for (String way : new String[] {"sync", "async"}) {
      for (String kind : new String[] {"bytes", "stream", "stream once", "once", "once chunked"}) {
        cases.add(way + " " + kind, () -> all.call(way, kind));
        cases.add(way + " " + kind + " limited", () -> all.limited(way, kind));
      }
    }
    // Last: failures of the application's own once switched the agent off.
    for (String way : new String[] {"sync", "async"}) {
      all.failing()
          .forEach((name, body) -> cases.add(way + " " + name, () -> all.fails(way, body)));
    }
    cases.add(
        "after a dozen failures of the application's own",
        () -> {
          for (int i = 0; i < 12; i++) {
            all.fails("sync", all.failing().get("contentLength throws"));
          }
          String end =
              all.send(
                  "sync",
                  Jdk.request(
                          all.provider.chatUrl(),
                          "limited last",
                          BodyPublishers.ofByteArray(QUESTION))
                      .build());
          if (Cases.recognised()) {
            Cases.must(
                "still works after failures of the application's own", end.startsWith("200"));
          }
          return "";
        });
    cases.end();
  }

  private String call(String way, String kind) throws Exception {
    Source source = source(kind);
    int before = provider.arrived();
    String end =
        send(
            way,
            Jdk.request(provider.chatUrl(), "plain " + way + kind, source.publisher()).build());
    return end
        + ", arrived "
        + (provider.arrived() - before)
        + ", its bytes "
        + Arrays.equals(provider.got.get(before).body(), QUESTION)
        + ", asked "
        + source.asked();
  }

  private String limited(String way, String kind) throws Exception {
    Source source = source(kind);
    int before = provider.arrived();
    String end =
        send(
            way,
            Jdk.request(provider.chatUrl(), "limited " + way + kind, source.publisher()).build());
    boolean whole =
        provider.got.stream().skip(before).allMatch(got -> Arrays.equals(got.body(), QUESTION));
    return (end.startsWith("200") || end.startsWith("429"))
        + ", whole "
        + whole
        + ", asked at most once "
        + (source.asked().get() <= 1);
  }

  private Map<String, BodyPublisher> failing() {
    Map<String, BodyPublisher> all = new LinkedHashMap<>();
    all.put(
        "contentLength throws",
        new BodyPublisher() {
          @Override
          public long contentLength() {
            throw new IllegalStateException("the application's own");
          }

          @Override
          public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
            BodyPublishers.ofByteArray(QUESTION).subscribe(subscriber);
          }
        });
    all.put(
        "subscribe throws",
        new BodyPublisher() {
          @Override
          public long contentLength() {
            return -1;
          }

          @Override
          public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
            throw new IllegalStateException("the application's own");
          }
        });
    all.put(
        "stream throws",
        BodyPublishers.ofInputStream(
            () -> {
              throw new IllegalStateException("the application's own");
            }));
    all.put("no stream", BodyPublishers.ofInputStream(() -> null));
    all.put(
        "publisher's error",
        BodyPublishers.fromPublisher(
            subscriber -> {
              subscriber.onSubscribe(new Nothing());
              subscriber.onError(new IOException("the application's own"));
            }));
    return all;
  }

  private String fails(String way, BodyPublisher body) throws Exception {
    String end = send(way, Jdk.request(provider.chatUrl(), "fails " + way, body).build());
    // How far the client came before it failed is its own affair.
    return end.replaceAll(" <- .*", "");
  }

  private String send(String way, HttpRequest request) throws Exception {
    try {
      if (way.equals("sync")) {
        return told(client.send(request, BodyHandlers.ofString()));
      }
      CompletableFuture<HttpResponse<String>> future =
          client.sendAsync(request, BodyHandlers.ofString());
      return told(future.get(15, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return "later " + Cases.told(e.getCause());
    } catch (Exception e) {
      return Cases.told(e);
    }
  }

  private static String told(HttpResponse<String> response) {
    return response.statusCode() + " " + Cases.text(response.body());
  }
}
