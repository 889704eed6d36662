package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** What the dispatcher says of calls that the agent holds, and how it is closed (issue A5). */
public final class OkIdle {
  private static final int CALLS = 5;

  private final Provider provider =
      new Provider(
          (got, reply) -> {
            reply.after(50);
            // One a second from the first on.
            reply.json(200, Provider.OK, Provider.nothingLeftFor("1s"));
          });

  private OkIdle() throws IOException {}

  public static void main(String[] names) throws IOException {
    OkIdle all = new OkIdle();
    Cases cases = new Cases(names);
    cases.add("idleCallback", all::idle);
    cases.add("a client that is closed when idle", all::closedWhenIdle);
    cases.add("counts", all::counts);
    cases.add("shutdown after enqueue", all::shutdown);
    cases.add("awaitTermination", all::awaitTermination);
    cases.add("shutdownNow", all::shutdownNow);
    cases.end();
  }

  private List<CompletableFuture<String>> enqueue(OkHttpClient client, String key)
      throws IOException {
    Ok.sync(new OkHttpClient(), Ok.chat(provider, key, "first"));
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      CompletableFuture<String> end = Ok.async(client, Ok.chat(provider, key, "call " + i));
      ends.add(end);
      if (i == 0) {
        // From the first that waits on, the agent holds the others before they run.
        Cases.reached(2_000, () -> end.isDone() || Insides.waiting() > 0);
      }
    }
    Cases.say("# " + key + ": the agent holds " + Insides.waiting());
    return ends;
  }

  private static String served(List<CompletableFuture<String>> ends) throws Exception {
    int ok = 0;
    String other = "";
    for (CompletableFuture<String> end : ends) {
      String told = Ok.got(end);
      ok += told.startsWith("200") ? 1 : 0;
      other = told.startsWith("200") ? other : ", " + told;
    }
    return ok + " served" + other;
  }

  /** The callback comes with the last call: never while the application still waits for one. */
  private String idle() throws Exception {
    OkHttpClient client = new OkHttpClient();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    List<CompletableFuture<String>> ends = new ArrayList<>();
    AtomicInteger early = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger known = new AtomicInteger();
    client
        .dispatcher()
        .setIdleCallback(
            () -> {
              calls.incrementAndGet();
              if (ends.size() == known.get()
                  && known.get() > 0
                  && ends.stream().anyMatch(end -> !end.isDone())) {
                early.incrementAndGet();
              }
            });
    ends.addAll(enqueue(client, "sk-idle"));
    known.set(CALLS);
    String served = served(ends);
    boolean came = Cases.reached(3_000, () -> calls.get() > 0);
    return served + ", came " + came + ", early " + early;
  }

  private String closedWhenIdle() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    client.dispatcher().setMaxRequestsPerHost(1);
    List<CompletableFuture<String>> ends = enqueue(client, "sk-closed");
    client.dispatcher().setIdleCallback(executor::shutdown);
    return served(ends);
  }

  /** Every call that is not answered is queued or runs. */
  private String counts() throws Exception {
    OkHttpClient client = new OkHttpClient();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    List<CompletableFuture<String>> ends = enqueue(client, "sk-counts");
    boolean all = true;
    while (ends.stream().anyMatch(end -> !end.isDone())) {
      long open = ends.stream().filter(end -> !end.isDone()).count();
      int known = client.dispatcher().runningCallsCount() + client.dispatcher().queuedCallsCount();
      long still = ends.stream().filter(end -> !end.isDone()).count();
      // While the counts were taken calls may have ended, none can have begun.
      all &= known >= still || still < open || settles(client, ends);
      Thread.onSpinWait();
    }
    boolean none =
        Cases.reached(
            3_000,
            () ->
                client.dispatcher().runningCallsCount() + client.dispatcher().queuedCallsCount()
                    == 0);
    return served(ends) + ", all known " + all + ", none in the end " + none;
  }

  /** A call that moves from one queue to the other may be in none for an instant. */
  private static boolean settles(OkHttpClient client, List<CompletableFuture<String>> ends) {
    return Cases.reached(
        300,
        () ->
            client.dispatcher().runningCallsCount() + client.dispatcher().queuedCallsCount()
                >= ends.stream().filter(end -> !end.isDone()).count());
  }

  private String shutdown() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    List<CompletableFuture<String>> ends = enqueue(client, "sk-shutdown");
    executor.shutdown();
    return served(ends);
  }

  private String awaitTermination() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    List<CompletableFuture<String>> ends = enqueue(client, "sk-await");
    executor.shutdown();
    boolean over = executor.awaitTermination(15, TimeUnit.SECONDS);
    long open = ends.stream().filter(end -> !end.isDone()).count();
    return "over " + over + ", open " + open + ", " + served(ends);
  }

  /** Each call ends, and what was not sent is not sent any more. */
  private String shutdownNow() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    client.dispatcher().setMaxRequestsPerHost(CALLS);
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = enqueue(client, "sk-now");
    Cases.reached(5_000, () -> provider.arrived() - before + Insides.waiting() > CALLS);
    int arrived = provider.arrived();
    executor.shutdownNow();
    for (CompletableFuture<String> end : ends) {
      Ok.got(end);
    }
    return "ended all, sent afterwards " + (provider.arrived() - arrived);
  }
}
