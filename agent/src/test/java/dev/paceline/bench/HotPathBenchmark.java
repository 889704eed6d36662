package dev.paceline.bench;

import dev.paceline.call.Calls;
import dev.paceline.call.ReplayPool;
import dev.paceline.jdkhttp.JdkAdapter;
import dev.paceline.okhttp.Services;
import dev.paceline.okhttp.beside.Entrance;
import dev.paceline.threads.KeepAlive;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The agent's own work for a call that does not wait, by difference: {@code …Alone} is the client
 * (which answers at once) without the agent, the other with it. {@code docs/performance.md} says
 * how to run it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend =
        "--add-opens=java.net.http/jdk.internal.net.http=ALL-UNNAMED") // as the agent does
public class HotPathBenchmark {
  private final CannedClient jdk = new CannedClient();
  private final HttpResponse.BodyHandler<String> handler = HttpResponse.BodyHandlers.ofString();
  private Calls calls;
  private JdkAdapter adapter;
  private HttpRequest llm;
  private HttpRequest other;
  private OkHttpClient okHttpAlone;
  private OkHttpClient okHttp;
  private Request okLlm;
  private Request okOther;

  private static Response.Builder answer(Request request) {
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(200)
        .message("OK")
        .headers(Headers.of(ServedHeaders.lines()));
  }

  @Setup
  public void setUp() {
    calls = BenchCalls.calls();
    adapter = new JdkAdapter(() -> calls, new ReplayPool(() -> 1 << 20), null);
    llm = jdkRequest("https://api.openai.com/v1/chat/completions");
    other = jdkRequest("https://shop.example.com/v1/orders");
    okLlm = okRequest("https://api.openai.com/v1/chat/completions");
    okOther = okRequest("https://shop.example.com/v1/orders");
    Interceptor canned =
        chain ->
            answer(chain.request())
                .networkResponse(answer(chain.request()).build()) // else it is the cache's
                .body(ResponseBody.create(MediaType.get("application/json"), "{}"))
                .build();
    okHttpAlone = new OkHttpClient.Builder().addInterceptor(canned).build();
    List<Object> ours =
        new Entrance(
                new Services(
                    () -> calls,
                    name -> true,
                    Runnable::run,
                    Runnable::run,
                    Runnable::run,
                    new KeepAlive(),
                    new ReplayPool(() -> 1L << 20)))
            .interceptors(okHttpAlone, List.of());
    okHttp =
        new OkHttpClient.Builder()
            .addInterceptor((Interceptor) ours.get(ours.size() - 1))
            .addInterceptor(canned)
            .build();
  }

  private static HttpRequest jdkRequest(String url) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("Authorization", "Bearer sk-fake")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(BenchCalls.BODY))
        .build();
  }

  private static Request okRequest(String url) {
    return new Request.Builder()
        .url(url)
        .header("Authorization", "Bearer sk-fake")
        .post(RequestBody.create(MediaType.get("application/json"), BenchCalls.BODY))
        .build();
  }

  @Benchmark
  public Object jdkRecognisedAlone() {
    return jdk.send(llm, handler);
  }

  @Benchmark
  public Object jdkRecognised() {
    return adapter.send(jdk, llm, handler);
  }

  @Benchmark
  public Object jdkOtherHost() {
    return adapter.send(jdk, other, handler);
  }

  @Benchmark
  public Object okHttpRecognisedAlone() throws IOException {
    return execute(okHttpAlone, okLlm);
  }

  @Benchmark
  public Object okHttpRecognised() throws IOException {
    return execute(okHttp, okLlm);
  }

  @Benchmark
  public Object okHttpOtherHostAlone() throws IOException {
    return execute(okHttpAlone, okOther);
  }

  @Benchmark
  public Object okHttpOtherHost() throws IOException {
    return execute(okHttp, okOther);
  }

  private static Object execute(OkHttpClient client, Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      return response.code();
    }
  }
}
