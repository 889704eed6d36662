package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/** When a call's time begins and ends (issue A3, A8 (25)). */
public final class OkDeadlines {
  /** Far from a call's own 5 s, and all of them beyond it. */
  private static final int QUEUED = 12;

  private static final int QUEUED_MILLIS = 500;

  private final Provider provider =
      new Provider(
          (got, reply) -> {
            int turn = provider().turn(got);
            switch (got.header("X-Case")) {
              case "queue" -> {
                reply.after(QUEUED_MILLIS);
                if (turn == QUEUED - 3) {
                  reply.json(429, Provider.LIMITED, "retry-after-ms", "300");
                } else {
                  reply.json(200, Provider.OK);
                }
              }
              case "empty" ->
                  reply.json(200, Provider.OK, Provider.nothingLeftFor(turn == 1 ? "8s" : "1ms"));
              default -> {
                reply.after(3_000);
                reply.json(200, Provider.OK);
              }
            }
          });

  private OkDeadlines() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    OkDeadlines all = new OkDeadlines();
    Cases cases = new Cases(names);
    cases.add("callTimeout in OkHttp's own queue", () -> all.queue(false));
    cases.add("the same while another key is held", () -> all.queue(true));
    cases.add("deadline of an enqueued call", () -> all.deadline(true));
    cases.add("deadline of a call in its thread", () -> all.deadline(false));
    cases.add("callTimeout of an enqueued call", () -> all.callTimeout(true));
    cases.add("callTimeout of a call in its thread", () -> all.callTimeout(false));
    cases.add("cancel with a listener that throws", all::listenerThrows);
    cases.end();
  }

  private Request request(String key, String kind, String question) {
    return Ok.chat(provider, key, question).newBuilder().header("X-Case", kind).build();
  }

  /** Calls one after another: each has 5 s from when it runs, and all together take longer. */
  private String queue(boolean otherHeld) throws Exception {
    String key = "sk-queue-" + otherHeld;
    OkHttpClient another = new OkHttpClient();
    if (otherHeld) {
      Ok.sync(another, request("sk-other", "empty", "first"));
      Ok.async(another, request("sk-other", "empty", "second"));
    }
    OkHttpClient client = new OkHttpClient.Builder().callTimeout(5, TimeUnit.SECONDS).build();
    client.dispatcher().setMaxRequestsPerHost(1);
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < QUEUED; i++) {
      ends.add(Ok.async(client, request(key, "queue", "call " + i)));
    }
    int other = 0;
    for (CompletableFuture<String> end : ends) {
      String told = end.get(60, TimeUnit.SECONDS);
      other += told.startsWith("200") || told.equals("429 " + Provider.LIMITED) ? 0 : 1;
    }
    another.dispatcher().cancelAll();
    long rejected = ends.stream().filter(end -> end.join().startsWith("429")).count();
    return "all of the provider " + (other == 0) + ", at most one 429 " + (rejected <= 1);
  }

  /** Whatever becomes of the call, the application hears of it in time. */
  private String deadline(boolean enqueued) throws Exception {
    OkHttpClient client = new OkHttpClient();
    String key = "sk-deadline-" + enqueued;
    Ok.sync(client, request(key, "empty", "first"));
    Call call = client.newCall(request(key, "empty", "second"));
    call.timeout().deadline(1500, TimeUnit.MILLISECONDS);
    return inTime(call, enqueued);
  }

  private String callTimeout(boolean enqueued) throws Exception {
    OkHttpClient client =
        new OkHttpClient.Builder().callTimeout(1500, TimeUnit.MILLISECONDS).build();
    String key = "sk-call-timeout-" + enqueued;
    Ok.sync(new OkHttpClient(), request(key, "empty", "first"));
    return inTime(client.newCall(request(key, "empty", "second")), enqueued)
        + ", a slow answer "
        + Ok.got(Ok.async(client, request(key + "-slow", "slow", "third"))).replaceAll(" <-.*", "");
  }

  private static String inTime(Call call, boolean enqueued) throws Exception {
    long begin = System.nanoTime();
    if (enqueued) {
      Ok.got(Ok.async(call));
    } else {
      try {
        call.execute().close();
      } catch (IOException timeout) {
        // in time is what is asked
      }
    }
    return "in time " + (System.nanoTime() - begin < 4_500_000_000L);
  }

  private String listenerThrows() throws Exception {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .eventListener(
                new EventListener() {
                  // No @Override: OkHttp 3.14 does not tell of it.
                  public void canceled(Call call) {
                    throw new IllegalStateException("the application's own");
                  }
                })
            .build();
    Ok.sync(client, request("sk-listener", "empty", "first"));
    Call call = client.newCall(request("sk-listener", "empty", "second"));
    CompletableFuture<String> end = Ok.async(call);
    Cases.reached(3_000, () -> end.isDone() || Insides.waiting() > 0);
    long begin = System.nanoTime();
    try {
      call.cancel();
    } catch (IllegalStateException own) {
      // as without the agent
    }
    Ok.got(end);
    return "in time " + (System.nanoTime() - begin < 4_000_000_000L);
  }
}
