package dev.paceline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.ReplayPool;
import dev.paceline.okhttp.Services;
import dev.paceline.okhttp.beside.Entrance;
import dev.paceline.threads.KeepAlive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Test;

/** Request headers that speak to the agent never leave the process; the application sees them. */
class OkOwnHeadersTest {
  private static final MediaType JSON = MediaType.get("application/json");
  private final List<Request> sent = new ArrayList<>();

  private Response send(Request request) throws IOException {
    Entrance entrance =
        new Entrance(
            new Services(
                BenchCalls::calls,
                name -> true,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                new KeepAlive(),
                new ReplayPool(() -> 1L << 20)));
    OkHttpClient.Builder client = new OkHttpClient.Builder();
    entrance
        .interceptors(this, List.of())
        .forEach(interceptor -> client.addInterceptor((Interceptor) interceptor));
    client.addInterceptor(
        chain -> {
          sent.add(chain.request());
          return new Response.Builder()
              .request(chain.request())
              .protocol(Protocol.HTTP_1_1)
              .code(200)
              .message("OK")
              .body(ResponseBody.create(JSON, "{}"))
              .build();
        });
    return client.build().newCall(request).execute();
  }

  private static Request.Builder request() {
    return new Request.Builder()
        .url("https://api.openai.com/v1/chat/completions")
        .header("X-Trace", "t")
        .post(RequestBody.create(JSON, BenchCalls.BODY));
  }

  @Test
  void theyAreTakenOffAndTheAnswerCarriesTheApplicationsRequest() throws IOException {
    Request request =
        request()
            .header("X-Paceline-Tenant", "acme")
            .addHeader("x-paceline-priority", "background")
            .build();
    try (Response response = send(request)) {
      assertThat(response.request()).isSameAs(request);
    }
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).headers().names()).containsExactly("X-Trace");
    assertThat(sent.get(0).body()).isSameAs(request.body());
  }

  @Test
  void aRequestWithoutThemIsSentAsItIs() throws IOException {
    Request request = request().build();
    send(request).close();
    assertThat(sent).containsExactly(request);
    assertThat(sent.get(0)).isSameAs(request);
  }
}
