package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Enqueued calls that end in all ways while the agent may hold them; the calls that follow are
 * served as ever (issue A2). Two calls of a key may be on the way at once.
 */
public final class OkParkedEnds {
  private static final int CALLS = 4;

  private final Path switchFile = Files.createTempFile("it", ".properties");
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            reply.after(
                got.text().contains("slowest") ? 6_000 : got.text().contains("slow") ? 700 : 20);
            reply.json(200, Provider.OK);
          });

  private OkParkedEnds() throws IOException {}

  public static void main(String[] names) throws IOException {
    OkParkedEnds all = new OkParkedEnds();
    System.setProperty("paceline.config.file", all.switchFile.toString());
    all.enabled(true);
    Cases cases = new Cases(names);
    for (String way :
        new String[] {
          "none",
          "throws",
          "throws unchecked",
          "answers",
          "rewrites path",
          "rewrites host",
          "proceeds twice"
        }) {
      cases.add("interceptor: " + way, () -> all.interceptor(way));
    }
    cases.add("cancel", () -> all.cancel(0));
    for (int round = 0; round < 10; round++) {
      int at = round;
      // The first calls end 700 ms after they began: cancels around that instant.
      cases.add("cancel in the instant of admission, " + round, () -> all.cancel(680 + at * 5));
    }
    cases.add("cancelAll", all::cancelAll);
    cases.add("executor shut down", all::shutDown);
    cases.add("callback throws", all::callbackThrows);
    cases.add("kill switch", all::killSwitch);
    cases.end();
  }

  private void enabled(boolean enabled) throws IOException {
    Files.writeString(
        switchFile,
        "paceline.enabled="
            + enabled
            + "\npaceline.rule.two.model=*\npaceline.rule.two.concurrency=2\n"
            + "paceline.rule.two.max-wait=8s\n");
  }

  private String interceptor(String way) throws Exception {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  Request request = chain.request();
                  if (request.header("X-Special") == null) {
                    return chain.proceed(request);
                  }
                  switch (way) {
                    case "throws":
                      throw new IOException("no token");
                    case "throws unchecked":
                      throw new IllegalStateException("no token");
                    case "answers":
                      return new Response.Builder()
                          .request(request)
                          .protocol(Protocol.HTTP_1_1)
                          .code(200)
                          .message("from memory")
                          .body(ResponseBody.create(Ok.JSON, "{}"))
                          .build();
                    case "rewrites path":
                      return chain.proceed(
                          request
                              .newBuilder()
                              .url(request.url().newBuilder().encodedPath("/other").build())
                              .build());
                    case "rewrites host":
                      return chain.proceed(
                          request
                              .newBuilder()
                              .url(request.url().newBuilder().host("localhost").build())
                              .build());
                    case "proceeds twice":
                      chain.proceed(request).close();
                      return chain.proceed(request);
                    default:
                      return chain.proceed(request);
                  }
                })
            .build();
    String key = "sk-" + way.replace(' ', '-');
    List<CompletableFuture<String>> ends = enqueued(client, key);
    StringBuilder all = new StringBuilder();
    for (CompletableFuture<String> end : ends) {
      all.append(way.startsWith("throws") ? Ok.got(end).replaceAll(" <-.*", "") : status(end))
          .append(' ');
    }
    return all + "then " + later(client, key);
  }

  /** Two slow calls, that take all places, and two more. */
  private List<CompletableFuture<String>> enqueued(OkHttpClient client, String key)
      throws IOException {
    List<CompletableFuture<String>> ends = new ArrayList<>();
    return started(calls(client, key));
  }

  /** The second half once the first is on the way, so that the agent knows when it is asked. */
  private List<CompletableFuture<String>> started(List<Call> calls) {
    List<CompletableFuture<String>> ends = new ArrayList<>();
    int before = provider.arrived();
    for (Call call : calls) {
      if (ends.size() == CALLS / 2) {
        Cases.reached(
            3_000,
            () ->
                provider.arrived() - before >= CALLS / 2
                    || ends.stream().allMatch(CompletableFuture::isDone));
      }
      ends.add(Ok.async(call));
    }
    return ends;
  }

  private List<Call> calls(OkHttpClient client, String key) {
    return calls(client, key, "slow");
  }

  private List<Call> calls(OkHttpClient client, String key, String first) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      Request request = Ok.chat(provider, key, (i < 2 ? first : "quick") + " " + i);
      calls.add(
          client.newCall(i < 2 ? request : request.newBuilder().header("X-Special", "1").build()));
    }
    return calls;
  }

  /** Whether places are left for others of the key. */
  private String later(OkHttpClient client, String key) throws IOException {
    OkHttpClient plain = client.newBuilder().dispatcher(new okhttp3.Dispatcher()).build();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      long begin = System.nanoTime();
      all.append(Ok.sync(plain, Ok.chat(provider, key, "later " + i)), 0, 3)
          .append(System.nanoTime() - begin < 4_000_000_000L ? " in time " : " LATE ");
    }
    return all.toString().trim();
  }

  private String cancel(long afterMillis) throws Exception {
    OkHttpClient client = new OkHttpClient();
    String key = "sk-cancel-" + afterMillis;
    List<Call> calls = calls(client, key);
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = started(calls);
    Cases.reached(10_000, () -> provider.arrived() - before + Insides.waiting() >= CALLS);
    LockSupport.parkNanos(afterMillis * 1_000_000);
    long begin = System.nanoTime();
    calls.get(2).cancel();
    calls.get(3).cancel();
    for (CompletableFuture<String> end : ends) {
      Ok.got(end);
    }
    boolean soon = System.nanoTime() - begin < 5_000_000_000L;
    return "ended " + soon + ", then " + later(client, key);
  }

  private String cancelAll() throws Exception {
    OkHttpClient client = new OkHttpClient();
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = enqueued(client, "sk-cancel-all");
    Cases.reached(10_000, () -> provider.arrived() - before + Insides.waiting() >= CALLS);
    int known = client.dispatcher().runningCallsCount() + client.dispatcher().queuedCallsCount();
    client.dispatcher().cancelAll();
    int failed = 0;
    for (CompletableFuture<String> end : ends) {
      failed += Ok.got(end).contains("Exception") ? 1 : 0;
    }
    // The quick ones may have been served without the agent.
    return "known "
        + (known == CALLS || !Cases.recognised())
        + ", failed "
        + (failed >= 2)
        + ", then "
        + later(client, "sk-cancel-all");
  }

  private String shutDown() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    OkHttpClient client =
        new OkHttpClient.Builder().dispatcher(new okhttp3.Dispatcher(executor)).build();
    List<CompletableFuture<String>> ends = enqueued(client, "sk-shut-down");
    executor.shutdown();
    StringBuilder all = new StringBuilder();
    for (CompletableFuture<String> end : ends) {
      all.append(status(end)).append(' ');
    }
    CompletableFuture<String> refused = Ok.async(client, Ok.chat(provider, "sk-shut-down", "no"));
    return all
        + Ok.got(refused).replaceAll(" <-.*", "").replaceAll("executor rejected.*", "rejected")
        + ", then "
        + later(client, "sk-shut-down");
  }

  private String callbackThrows() throws Exception {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .dispatcher(
                new okhttp3.Dispatcher(
                    Executors.newCachedThreadPool(
                        task -> {
                          Thread thread = new Thread(task);
                          thread.setUncaughtExceptionHandler((t, e) -> {});
                          return thread;
                        })))
            .build();
    List<CompletableFuture<String>> heard = new ArrayList<>();
    for (Call call : calls(client, "sk-callback")) {
      CompletableFuture<String> end = new CompletableFuture<>();
      heard.add(end);
      call.enqueue(
          new okhttp3.Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {
              end.complete(Cases.told(e));
            }

            @Override
            public void onResponse(Call answered, Response response) {
              response.close();
              end.complete("" + response.code());
              throw new IllegalStateException("the application's own");
            }
          });
    }
    StringBuilder all = new StringBuilder();
    for (CompletableFuture<String> end : heard) {
      all.append(Ok.got(end)).append(' ');
    }
    return all + "then " + later(client, "sk-callback");
  }

  private String killSwitch() throws Exception {
    OkHttpClient client = new OkHttpClient();
    int before = provider.arrived();
    List<CompletableFuture<String>> ends = started(calls(client, "sk-switch", "slowest"));
    Cases.reached(10_000, () -> provider.arrived() - before + Insides.waiting() >= CALLS);
    enabled(false);
    StringBuilder all = new StringBuilder();
    for (CompletableFuture<String> end : ends) {
      all.append(status(end)).append(' ');
    }
    all.append("off ").append(later(client, "sk-switch"));
    enabled(true);
    return all + ", on again " + later(client, "sk-switch");
  }

  private static String status(CompletableFuture<String> end) throws Exception {
    String told = Ok.got(end);
    return told.contains("Exception") ? told : told.substring(0, 3);
  }
}
