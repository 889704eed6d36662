package dev.paceline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.paceline.call.Calls;
import dev.paceline.call.ReplayPool;
import dev.paceline.jdkhttp.JdkAdapter;
import dev.paceline.okhttp.Services;
import dev.paceline.okhttp.beside.Entrance;
import dev.paceline.threads.KeepAlive;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Test;

/**
 * What a recognised call that does not wait allocates on its thread beyond what the client itself
 * does: a provider's 25 headers, an answer that is read. Bytes, for they do not depend on what else
 * the machine does.
 */
class AllocationTest {
  private static final int CALLS = 2_000;
  private static final byte[] ANSWER =
      ("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"gpt-4o-mini\",\"choices\":"
              + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
              + "It jumps over the dog. ".repeat(30)
              + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":812,"
              + "\"completion_tokens\":150,\"total_tokens\":962}}")
          .getBytes(StandardCharsets.UTF_8);
  private static final MediaType JSON = MediaType.get("application/json");
  private static final Headers HEADERS = Headers.of(ServedHeaders.lines());

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Calls calls = BenchCalls.calls();
  private final Entrance entrance =
      new Entrance(
          new Services(
              () -> calls,
              name -> true,
              Runnable::run,
              Runnable::run,
              Runnable::run,
              new KeepAlive(),
              new ReplayPool(() -> 1L << 20)));

  private static Response answer(Request request) {
    Response.Builder from =
        new Response.Builder()
            .request(request)
            .protocol(Protocol.HTTP_1_1)
            .code(200)
            .message("OK")
            .headers(HEADERS);
    Response network = from.build(); // else it is the cache's
    return from.networkResponse(network).body(ResponseBody.create(JSON, ANSWER)).build();
  }

  private static OkHttpClient client(List<Object> first) {
    OkHttpClient.Builder builder = new OkHttpClient.Builder();
    first.forEach(interceptor -> builder.addInterceptor((Interceptor) interceptor));
    return builder.addInterceptor(chain -> answer(chain.request())).build();
  }

  private interface Work {
    void run() throws IOException;
  }

  /** Bytes that a call allocates on this thread, once it is compiled. */
  private long perCall(Work call) throws IOException {
    long me = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 8; round++) {
      long before = threads.getThreadAllocatedBytes(me);
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, threads.getThreadAllocatedBytes(me) - before);
    }
    return least / CALLS;
  }

  private long perCall(OkHttpClient client) throws IOException {
    Request request =
        new Request.Builder()
            .url("https://api.openai.com/v1/chat/completions")
            .header("Authorization", "Bearer sk-fake")
            .post(RequestBody.create(JSON, BenchCalls.BODY))
            .build();
    return perCall(
        () -> {
          Call call = client.newCall(request);
          try (Response response = call.execute()) {
            if (response.body().bytes().length != ANSWER.length) {
              throw new AssertionError("not all was read");
            }
          }
          entrance.ended(call, null); // woven code says so
        });
  }

  @Test
  void aRecognisedCallOfOkHttpAllocatesLittle() throws IOException {
    long alone = perCall(client(List.of()));
    long with = perCall(client(entrance.interceptors(this, List.of())));
    report("OkHttp", alone, with);
    // Of it 1.2 KB are OkHttp's own, for a response with another body: it copies all headers.
    assertThat(with - alone).isLessThan(5_700);
  }

  @Test
  void aRecognisedCallOfTheJdkClientAllocatesLittle() throws IOException {
    CannedClient client = new CannedClient();
    JdkAdapter adapter = new JdkAdapter(() -> calls, new ReplayPool(() -> 1L << 20), null);
    HttpResponse.BodyHandler<String> handler = HttpResponse.BodyHandlers.ofString();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://api.openai.com/v1/chat/completions"))
            .header("Authorization", "Bearer sk-fake")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(BenchCalls.BODY))
            .build();
    long alone = perCall(() -> client.send(request, handler));
    long with = perCall(() -> adapter.send(client, request, handler));
    report("JDK", alone, with);
    // Where the JDK's publishers are not opened to us, as the agent does it, the body is copied
    // twice.
    boolean opened =
        HttpRequest.class.getModule().isOpen("jdk.internal.net.http", getClass().getModule());
    assertThat(with - alone).isLessThan(4_400 + (opened ? 0 : 2 * BenchCalls.BODY.length + 200));
  }

  private static void report(String client, long alone, long with) {
    System.out.printf("%s: allocated a call: %d B alone, %d B more%n", client, alone, with - alone);
  }
}
