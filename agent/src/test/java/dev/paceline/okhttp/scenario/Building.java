package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;

/**
 * What the application sees of its client, and what the first call costs before its time begins.
 */
public final class Building extends Scenario {
  public void theClientsListsAreTheApplicationsOwn() throws Exception {
    Interceptor theirs = chain -> chain.proceed(chain.request());
    OkHttpClient.Builder builder = new OkHttpClient.Builder().addInterceptor(theirs);
    OkHttpClient built = builder.build();
    assertThat(built.interceptors()).containsExactly(theirs);
    assertThat(built.newBuilder().interceptors()).containsExactly(theirs);
    assertThat(built.networkInterceptors()).isEmpty();
    assertThat(new OkHttpClient().interceptors()).isEmpty();
    assertThat(text(built.newCall(chat("{\"model\":\"m\"}")).execute())).isEqualTo("200 ok");
    assertThat(agent.events).contains("started m");
    built.dispatcher().executorService().shutdown();
  }

  public void oursRunsOnceAndAfterTheApplicationsOwn() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    OkHttpClient copy = client;
    for (int i = 0; i < 100; i++) {
      copy = copy.newBuilder().build();
    }
    copy =
        copy.newBuilder()
            .addInterceptor(
                chain -> {
                  seen.add("theirs " + agent.events.size());
                  return chain.proceed(chain.request());
                })
            .build();
    assertThat(text(copy.newCall(chat("{}")).execute())).isEqualTo("200 ok");
    assertThat(seen).containsExactly("theirs 0");
    assertThat(agent.events.stream().filter(e -> e.startsWith("started"))).hasSize(1);
  }

  public void theRoomsAreBuiltBeforeTheTimeOfTheFirstCallBegins() {
    Call call = client.newCall(request("localhost", "/free", new Json("{}", false)));
    assertThat(agent.roomsAsked()).as("before it is executed").isPositive();
    assertThat(call.isExecuted()).isFalse();
  }
}
