package dev.paceline.it.app;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes its client (Java 21 and newer) while a call of it may be waiting: as soon as the file of
 * its second argument is there.
 */
public final class CloseApp {
  private CloseApp() {}

  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    CompletableFuture<HttpResponse<String>> future =
        client.sendAsync(JdkApp.chat(Runs.url(), args[0], false), BodyHandlers.ofString());
    Path sign = Path.of(args[1]);
    for (int i = 0; i < 3_000 && !Files.exists(sign); i++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    long begin = System.nanoTime();
    ((AutoCloseable) (Object) client).close(); // HttpClient is AutoCloseable from 21 on
    Say say = Say.run(args[0]);
    try {
      say.with("ok", true).with("text", future.get(30, TimeUnit.SECONDS).statusCode() + "");
    } catch (Throwable t) {
      say.with("ok", false).failure(t);
    }
    say.with("millis", (System.nanoTime() - begin) / 1_000_000).line();
  }
}
