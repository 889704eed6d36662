package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Calls that wait take nobody else's places, threads or connections (issue A6, A8 (16)). */
public final class OkThreads {
  private final AtomicInteger tokens = new AtomicInteger(20);
  private volatile long refilled = System.nanoTime();
  private final AtomicInteger refused = new AtomicInteger();
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            int turn = provider().turn(got);
            String key = got.key();
            if (key.startsWith("held")) {
              reply.json(
                  200, Provider.OK, turn == 1 ? Provider.nothingLeftFor("6s") : Provider.plenty());
            } else if (key.startsWith("limited") && turn <= 10) {
              reply.json(429, Provider.LIMITED, "retry-after", "2");
            } else if (key.startsWith("bucket")) {
              bucket(reply);
            } else {
              reply.json(200, Provider.OK);
            }
          });

  private OkThreads() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    OkThreads all = new OkThreads();
    Cases cases = new Cases(names);
    cases.add("one thread, another host", () -> all.otherHost(Executors.newFixedThreadPool(1)));
    cases.add("two threads, another host", () -> all.otherHost(Executors.newFixedThreadPool(2)));
    cases.add(
        "default dispatcher, another host", () -> all.otherHost(Executors.newCachedThreadPool()));
    cases.add("connections of waiting calls", all::connections);
    cases.add("credential on the request", () -> all.flood(false, Executors.newCachedThreadPool()));
    cases.add("credential by interceptor", () -> all.flood(true, Executors.newCachedThreadPool()));
    cases.add(
        "credential by interceptor, wrapped executor",
        () -> all.flood(true, new Wrapped(Executors.newCachedThreadPool())));
    cases.add(
        "credential by interceptor, fixed pool",
        () -> all.flood(true, Executors.newFixedThreadPool(8)));
    cases.end();
  }

  /** Fifty a second. */
  private void bucket(Provider.Reply reply) throws IOException {
    boolean served;
    int left;
    synchronized (tokens) {
      long now = System.nanoTime();
      int more = (int) ((now - refilled) / 20_000_000);
      if (more > 0) {
        refilled += more * 20_000_000L;
        tokens.set(Math.min(20, tokens.get() + more));
      }
      served = tokens.get() > 0;
      left = served ? tokens.decrementAndGet() : 0;
    }
    String[] headers = {
      "x-ratelimit-limit-requests",
      "3000",
      "x-ratelimit-remaining-requests",
      String.valueOf(left),
      "x-ratelimit-reset-requests",
      (20 - left) * 20 + "ms"
    };
    if (served) {
      reply.json(200, Provider.OK, headers);
    } else {
      refused.incrementAndGet();
      reply.json(429, Provider.LIMITED, headers);
    }
  }

  /** A call to another host behind calls that are held, on the same dispatcher. */
  private String otherHost(ExecutorService executor) throws Exception {
    OkHttpClient client = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    String key = "held other host " + System.identityHashCode(executor);
    Ok.sync(new OkHttpClient(), Ok.chat(provider, key, "first"));
    // By interceptor, so that nobody knows of the scope before the call runs.
    OkHttpClient authorized = authorized(client, key);
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ends.add(Ok.async(authorized, Ok.chat(provider, "none", "call " + i)));
    }
    Cases.reached(3_000, () -> provider.arrived() > before || Insides.waiting() > 0);
    long begin = System.nanoTime();
    String health =
        Ok.async(
                client,
                new Request.Builder()
                    .url("http://localhost:" + provider.port() + "/health")
                    .build())
            .get(15, TimeUnit.SECONDS)
            .substring(0, 3);
    boolean inTime = System.nanoTime() - begin < 3_500_000_000L;
    StringBuilder all = new StringBuilder(health + " in time " + inTime + ", the others");
    for (CompletableFuture<String> end : ends) {
      all.append(' ').append(end.get(15, TimeUnit.SECONDS), 0, 3);
    }
    return all.toString();
  }

  private static OkHttpClient authorized(OkHttpClient client, String key) {
    return client
        .newBuilder()
        .addInterceptor(
            chain ->
                chain.proceed(
                    chain.request().newBuilder().header("Authorization", "Bearer " + key).build()))
        .build();
  }

  /** Calls that wait for their repeat hold no connection. */
  private String connections() throws Exception {
    ConnectionPool pool = new ConnectionPool();
    OkHttpClient client = new OkHttpClient.Builder().connectionPool(pool).build();
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Request request = Ok.chat(provider, "limited connections", "call " + i);
      CompletableFuture<String> end = new CompletableFuture<>();
      ends.add(end);
      new Thread(
              () -> {
                try {
                  end.complete(Ok.sync(client, request).substring(0, 3));
                } catch (IOException e) {
                  end.complete(Cases.told(e));
                }
              })
          .start();
    }
    Cases.reached(
        3_000, () -> Insides.waiting() == 10 || ends.stream().allMatch(CompletableFuture::isDone));
    boolean idle = Cases.reached(1_000, () -> pool.connectionCount() == pool.idleConnectionCount());
    client.dispatcher().cancelAll();
    for (CompletableFuture<String> end : ends) {
      end.get(15, TimeUnit.SECONDS);
    }
    return "all connections idle " + idle;
  }

  /** Enqueues many more than the provider serves at once. */
  private String flood(boolean byInterceptor, ExecutorService executor) throws Exception {
    refused.set(0);
    int calls = 300;
    OkHttpClient plain = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    plain.dispatcher().setMaxRequests(calls);
    plain.dispatcher().setMaxRequestsPerHost(calls);
    String key = "bucket " + byInterceptor + System.identityHashCode(executor);
    OkHttpClient client = byInterceptor ? authorized(plain, key) : plain;
    // A body of another type: what is asked of limits, not of reading bodies.
    RequestBody body = RequestBody.create(MediaType.parse("application/json"), Provider.chat("q"));
    String first = byInterceptor ? "none" : key;
    // What the limit is must be known before.
    Ok.sync(client, Ok.request(provider.chatUrl(), first, body).build());
    List<CompletableFuture<String>> ends = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      ends.add(Ok.async(client, Ok.request(provider.chatUrl(), first, body).build()));
    }
    int served = 0;
    for (CompletableFuture<String> end : ends) {
      served += end.get(18, TimeUnit.SECONDS).startsWith("200") ? 1 : 0;
    }
    Cases.say("# served " + served + " of " + calls + ", refused by the provider " + refused);
    if (Cases.recognised()) {
      Cases.must("all are served, " + describe(byInterceptor, executor), served == calls);
      Cases.must("few are refused, " + describe(byInterceptor, executor), refused.get() <= 15);
    }
    return "all ended";
  }

  private static String describe(boolean byInterceptor, Executor executor) {
    return (byInterceptor ? "by interceptor, " : "on the request, ")
        + executor.getClass().getSimpleName();
  }

  /** As tracing libraries wrap it. */
  private static final class Wrapped extends java.util.concurrent.AbstractExecutorService {
    private final ExecutorService inside;

    Wrapped(ExecutorService inside) {
      this.inside = inside;
    }

    @Override
    public void execute(Runnable task) {
      inside.execute(task);
    }

    @Override
    public void shutdown() {
      inside.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return inside.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return inside.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return inside.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return inside.awaitTermination(timeout, unit);
    }
  }
}
