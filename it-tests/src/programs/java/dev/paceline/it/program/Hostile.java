package dev.paceline.it.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * A provider that means harm, in a small JVM: each answer byte for byte as without the agent, and a
 * neighbour of another key is served meanwhile (issue C).
 *
 * <p>Arguments: the client.
 */
// run: jdk
// run: okhttp
// jvm: -Xmx64m
public final class Hostile {
  /** Longer than any wait for a limit that nobody has heard of. */
  private static final long IN_TIME_MILLIS = 45_000;

  private static final List<String> KINDS =
      List.of(
          "header of 200 kB",
          "header of 1 MB",
          "10000 headers",
          "300 limits",
          "remaining -1",
          "remaining NaN",
          "remaining 9223372036854775808",
          "remaining 1e308",
          "remaining 99999999999999999999999",
          "limit 0",
          "limit -5",
          "reset of years",
          "reset -1s",
          "window of 90 days",
          "retry-after of a day",
          "retry-after NaN",
          "retry-after -1",
          "gzip bomb",
          "gzip bomb as an error",
          "broken gzip as an error",
          "deep JSON",
          "deep JSON as an error",
          "deep JSON as a limit",
          "wide JSON as an error",
          "line of 20 MB",
          "error of 20 MB",
          "endless",
          "endless error",
          "a byte at a time",
          "a byte at a time as an error",
          "not UTF-8 as an error",
          "negative length",
          "two lengths",
          "status 299",
          "status 599",
          "nothing but newlines");

  private final boolean ok;
  private final HttpClient jdk =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final OkHttpClient okHttp =
      new OkHttpClient.Builder()
          .readTimeout(15, TimeUnit.SECONDS)
          .callTimeout(60, TimeUnit.SECONDS)
          .build();
  private final Provider provider =
      new Provider((got, reply) -> answer(got.path().replaceAll(".*kind=", ""), reply));

  private Hostile(boolean ok) throws IOException {
    this.ok = ok;
  }

  public static void main(String[] args) throws Exception {
    Hostile all = new Hostile(args[0].equals("okhttp"));
    Cases cases = new Cases();
    all.call("fine", "warm-up"); // what is loaded once is no growth
    all.call("deep+JSON+as+an+error", "warm-up");
    long heap = used();
    int threads = Thread.activeCount();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong worst = new AtomicLong();
    Thread neighbour = new Thread(() -> all.neighbour(over, worst), "neighbour");
    neighbour.setDaemon(true);
    neighbour.start();
    for (String kind : KINDS) {
      // The JDK's client by itself waits for ever for what is shorter than nothing.
      if (all.ok || !kind.equals("negative length")) {
        cases.add(kind, () -> all.twice(kind));
      }
    }
    over.set(true);
    neighbour.join(20_000);
    Cases.say("= a neighbour is served in time: " + (worst.get() < IN_TIME_MILLIS));
    Cases.say("# the neighbour's worst call: " + worst + " ms");
    boolean fewThreads = Cases.reached(8_000, () -> Thread.activeCount() <= threads + 20);
    long grown = used() - heap;
    Cases.say("# heap grown by " + grown / 1024 + " kB, threads " + Thread.activeCount());
    if (Cases.recognised()) {
      Cases.must("heap is flat", grown < 8 << 20);
      Cases.must("threads are flat", fewThreads);
    }
    cases.end();
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void neighbour(AtomicBoolean over, AtomicLong worst) {
    OkHttpClient alone = new OkHttpClient();
    while (!over.get()) {
      long begin = System.nanoTime();
      try {
        Ok.sync(alone, Ok.chat(provider, "sk-neighbour", "q"));
      } catch (IOException e) {
        worst.set(Long.MAX_VALUE);
      }
      worst.accumulateAndGet((System.nanoTime() - begin) / 1_000_000, Math::max);
      Cases.reached(20, over::get);
    }
  }

  /** The second call of a key meets what was learned from the first. */
  private String twice(String kind) {
    String key = "sk-" + kind.replaceAll("\\W", "-");
    String path = kind.replace(' ', '+');
    return first(path, key) + ", then " + first("fine", key);
  }

  private String first(String path, String key) {
    long begin = System.nanoTime();
    String end = call(path, key);
    boolean inTime = (System.nanoTime() - begin) / 1_000_000 < IN_TIME_MILLIS;
    return end + (inTime ? " in time" : " LATE");
  }

  private String call(String path, String key) {
    String url = provider.chatUrl() + "?kind=" + path;
    String body = Provider.chat("q");
    try {
      if (ok) {
        try (Response response =
            okHttp
                .newCall(Ok.request(url, key, okhttp3.RequestBody.create(Ok.JSON, body)).build())
                .execute()) {
          return response.code()
              + " "
              + response.headers().size()
              + " headers #"
              + response.headers().toString().hashCode()
              + digest(response.body().byteStream(), path);
        }
      }
      HttpResponse<InputStream> response =
          jdk.send(
              Jdk.request(url, key, BodyPublishers.ofString(body))
                  .timeout(Duration.ofSeconds(60))
                  .build(),
              BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        return response.statusCode()
            + " "
            + response.headers().map().size()
            + " headers #"
            + response.headers().map().hashCode()
            + digest(in, path);
      }
    } catch (Exception e) {
      return e.getClass().getName();
    }
  }

  /** Of what has no end so much, or for two seconds. */
  private static String digest(InputStream in, String path) throws Exception {
    long enough = path.startsWith("endless") ? 20_000_000 : Long.MAX_VALUE;
    boolean dribbles = path.startsWith("a+byte") || path.startsWith("a byte");
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[16_384];
    long begin = System.nanoTime();
    long length = 0;
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        length += n;
        if (length > enough || dribbles && System.nanoTime() - begin > 2_000_000_000L) {
          return " has enough";
        }
      }
    } catch (IOException e) {
      return " broken off: " + e.getClass().getName();
    }
    return " " + length + " bytes " + HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static void answer(String path, Provider.Reply reply) throws IOException {
    String kind = path.replace('+', ' ');
    String type = "application/json";
    int space = kind.indexOf(' ');
    if (kind.startsWith("remaining ")) {
      limits(reply, "1000", kind.substring(space + 1), "1s");
    } else if (kind.startsWith("limit ")) {
      limits(reply, kind.substring(space + 1), "0", "1s");
    } else if (kind.startsWith("status ")) {
      reply.json(Integer.parseInt(kind.substring(space + 1)), "{}");
    } else {
      switch (kind) {
        case "header of 200 kB" -> reply.json(200, Provider.OK, "X-Huge", "h".repeat(200_000));
        case "header of 1 MB" -> reply.json(200, Provider.OK, "X-Huge", "h".repeat(1 << 20));
        case "10000 headers" -> reply.json(200, Provider.OK, many("X-Header-", 10_000));
        case "300 limits" -> reply.json(200, Provider.OK, many("x-ratelimit-remaining-", 300));
        case "reset of years" -> limits(reply, "1000", "999", "987654321s");
        case "reset -1s" -> limits(reply, "1000", "999", "-1s");
        case "window of 90 days" ->
            reply.json(
                200,
                Provider.OK,
                "RateLimit-Policy",
                "\"a\";q=100000;w=7776000",
                "RateLimit",
                "\"a\";r=99999;t=7000000");
        case "retry-after of a day" -> reply.json(429, Provider.LIMITED, "Retry-After", "86400");
        case "retry-after NaN" -> reply.json(400, "{}", "Retry-After", "NaN");
        case "retry-after -1" -> reply.json(400, "{}", "Retry-After", "-1");
        case "gzip bomb" -> zipped(reply, 200, 64 << 20);
        case "gzip bomb as an error" -> zipped(reply, 400, 64 << 20);
        case "broken gzip as an error" ->
            reply.say(400, type, new byte[] {31, -117, 8, 0, 1, 2, 3}, "Content-Encoding", "gzip");
        case "deep JSON" -> reply.json(200, deep());
        case "deep JSON as an error" -> reply.json(400, deep());
        case "deep JSON as a limit" -> reply.json(429, deep(), "Retry-After", "7200");
        case "wide JSON as an error" -> reply.json(400, "{\"e\":1," + "\"e\":2,".repeat(400_000));
        case "line of 20 MB" -> pieces(reply, 200, "text/event-stream", "data: ", 20);
        case "error of 20 MB" -> pieces(reply, 400, type, "{\"error\":\"", 20);
        case "endless" -> endless(reply, 200, 0);
        case "endless error" -> endless(reply, 400, 0);
        case "a byte at a time" -> endless(reply, 200, 700);
        case "a byte at a time as an error" -> endless(reply, 400, 700);
        case "not UTF-8 as an error" ->
            reply.say(400, type, new byte[] {'{', (byte) 0xFF, (byte) 0xC0, 0, '}'});
        case "negative length" ->
            reply.raw("HTTP/1.1 200 Said\r\nContent-Length: -7\r\n\r\n" + Provider.OK);
        case "two lengths" ->
            reply.raw(
                "HTTP/1.1 200 Said\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + "\n");
        case "nothing but newlines" -> reply.say(400, type, "\n".repeat(300_000).getBytes());
        default -> reply.json(200, Provider.OK);
      }
    }
  }

  private static void limits(Provider.Reply reply, String limit, String remaining, String reset)
      throws IOException {
    reply.json(
        200,
        Provider.OK,
        "x-ratelimit-limit-requests",
        limit,
        "x-ratelimit-remaining-requests",
        remaining,
        "x-ratelimit-reset-requests",
        reset,
        "x-ratelimit-limit-tokens",
        limit,
        "x-ratelimit-remaining-tokens",
        remaining,
        "x-ratelimit-reset-tokens",
        reset);
  }

  private static String[] many(String name, int count) {
    String[] headers = new String[count * 2];
    for (int i = 0; i < count; i++) {
      headers[i * 2] = name + i;
      headers[i * 2 + 1] = "1" + i;
    }
    return headers;
  }

  private static String deep() {
    return "[".repeat(100_000) + "]".repeat(100_000);
  }

  private static void zipped(Provider.Reply reply, int status, int bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      byte[] zeros = new byte[1 << 16];
      for (int i = 0; i < bytes / zeros.length; i++) {
        zip.write(zeros);
      }
    }
    reply.say(status, "application/json", out.toByteArray(), "Content-Encoding", "gzip");
  }

  private static void pieces(Provider.Reply reply, int status, String type, String begin, int megs)
      throws IOException {
    reply.chunked(status, type);
    reply.chunk(begin);
    String piece = "p".repeat(1_000_000);
    for (int i = 0; i < megs; i++) {
      reply.chunk(piece);
    }
    reply.lastChunk();
  }

  /** Until the client has had enough. */
  private static void endless(Provider.Reply reply, int status, long gapMillis) throws IOException {
    reply.chunked(status, "application/json");
    while (true) {
      reply.chunk(gapMillis == 0 ? "e".repeat(100_000) : "e");
      reply.after(gapMillis);
    }
  }
}
