package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Enqueues and returns from main: OkHttp's threads, no daemons, are what keeps the JVM until the
 * answers are there (issue A5).
 */
public final class MainReturns {
  private MainReturns() {}

  private static int turns;

  public static void main(String[] args) throws IOException {
    Provider provider =
        new Provider(
            (got, reply) -> {
              boolean first = turns++ == 0;
              // Longer than a JVM takes that has nothing to wait for.
              reply.after(first ? 0 : 1_000);
              reply.json(200, Provider.OK, Provider.nothingLeftFor(first ? "2s" : "1s"));
            });
    // As OkHttp's own, but that its idle threads live a second instead of a minute.
    OkHttpClient client =
        new OkHttpClient.Builder()
            .dispatcher(
                new Dispatcher(
                    new ThreadPoolExecutor(
                        0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>())))
            .build();
    Ok.sync(client, Ok.chat(provider, "sk-main", "first"));
    for (int i = 0; i < 3; i++) {
      if (i == 1) {
        // From the first that waits on, the agent holds the others before they run.
        Cases.reached(2_000, () -> provider.arrived() == 2 || Insides.waiting() > 0);
      }
      int number = i;
      client
          .newCall(Ok.chat(provider, "sk-main", "call " + i))
          .enqueue(
              new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                  Cases.say("= call " + number + ": " + Cases.told(e));
                }

                @Override
                public void onResponse(Call call, Response response) throws IOException {
                  Cases.say("= call " + number + ": " + Ok.told(response));
                }
              });
    }
    Cases.say("= main returns: true");
  }
}
