package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;

/**
 * SIGTERM while calls wait: nobody will read an answer to what is sent from then on (issue A5).
 *
 * <p>Arguments: the client.
 */
// run: jdk
// run: okhttp
public final class Terminated {
  private static final int CALLS = 20;

  private Terminated() {}

  public static void main(String[] args) throws Exception {
    Provider provider =
        new Provider(
            (got, reply) -> {
              if (got.number() == 1) {
                reply.json(200, Provider.OK, Provider.nothingLeftFor("20s"));
              } else {
                reply.after(5_000);
                reply.json(200, Provider.OK, Provider.plenty());
              }
            });
    boolean ok = args.length > 0 && args[0].equals("okhttp");
    HttpClient jdk = Jdk.client();
    OkHttpClient client = new OkHttpClient();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    if (ok) {
      Ok.sync(client, Ok.chat(provider, "sk-term", "first"));
    } else {
      jdk.send(Jdk.chat(provider, "sk-term", "first"), BodyHandlers.ofString());
    }
    for (int i = 0; i < CALLS; i++) {
      if (ok) {
        Ok.async(client, Ok.chat(provider, "sk-term", "call " + i));
      } else {
        jdk.sendAsync(Jdk.chat(provider, "sk-term", "call " + i), BodyHandlers.ofString());
      }
    }
    Cases.underWay(provider, CALLS + 1);
    int sent = provider.arrived();
    Cases.say("# before: sent " + sent + ", waiting " + Insides.waiting());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  // As long as an orderly application takes to end.
                  LockSupport.parkNanos(700_000_000);
                  Cases.say("= sent after SIGTERM: " + (provider.arrived() - sent));
                }));
    new ProcessBuilder("kill", "-TERM", String.valueOf(ProcessHandle.current().pid()))
        .start()
        .waitFor();
    new CountDownLatch(1).await(10, TimeUnit.SECONDS); // the signal ends the JVM
    Cases.say("= it did not end: true");
  }
}
