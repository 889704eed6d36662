package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import dev.paceline.okhttp.StubServer;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;

/** What every scenario has: the agent's rooms, a provider, and a client. */
abstract class Scenario implements AutoCloseable {
  static final String CHAT = "/v1/chat/completions";
  static final String LIMIT =
      "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
          + "\"code\":\"rate_limit_exceeded\"}}";

  final Fixture agent = new Fixture();
  final StubServer server = new StubServer(e -> e.respond(200, "", "ok"));
  final OkHttpClient client = new OkHttpClient.Builder().build();

  static StubServer.Script limitedFirst(int times, String headers) {
    return e -> {
      if (e.number() <= times) {
        e.respond(429, headers, LIMIT);
      } else {
        e.respond(200, "", "ok");
      }
    };
  }

  /** Recognised: the fixture maps the address, and not the name, to a provider. */
  Request chat(String content) {
    return request("127.0.0.1", CHAT, new Json(content, false));
  }

  Request request(String host, String path, RequestBody body) {
    return new Request.Builder().url(server.url(host, path)).post(body).build();
  }

  static String text(Response response) throws IOException {
    try (response) {
      return response.code() + " " + response.body().string();
    }
  }

  static CompletableFuture<String> enqueue(Call call) {
    CompletableFuture<String> result = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            result.completeExceptionally(e);
          }

          @Override
          public void onResponse(Call served, Response response) {
            try {
              result.complete(text(response));
            } catch (IOException e) {
              result.completeExceptionally(e);
            }
          }
        });
    return result;
  }

  static CompletableFuture<String> execute(Call call) {
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(text(call.execute()));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            },
            "caller");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  static String get(CompletableFuture<String> result) throws Exception {
    return result.get(20, TimeUnit.SECONDS);
  }

  static Throwable failure(CompletableFuture<String> result) throws Exception {
    Throwable[] failure = new Throwable[1];
    result.handle((r, t) -> failure[0] = t).get(20, TimeUnit.SECONDS);
    assertThat(failure[0]).isNotNull();
    return failure[0];
  }

  /** How many calls the adapter still remembers: none may outlive its end, with its credential. */
  final int remembered() throws ReflectiveOperationException {
    Object states = field(field(agent.beside(client), "desk"), "states");
    return ((java.util.Map<?, ?>) field(states, "states")).size();
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    java.lang.reflect.Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  @Override
  public void close() throws Exception {
    agent.close();
    server.close();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
    assertThat(agent.faults).as("faults inside the agent").isEmpty();
  }

  /** A JSON body; the factory methods for one differ between versions. */
  static final class Json extends RequestBody {
    private final byte[] content;
    private final boolean oneShot;

    Json(String content, boolean oneShot) {
      this.content = content.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      this.oneShot = oneShot;
    }

    @Override
    public MediaType contentType() {
      return MediaType.parse("application/json");
    }

    @Override
    public long contentLength() {
      return content.length;
    }

    @Override
    public boolean isOneShot() {
      return oneShot;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(content);
    }
  }
}
