package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * A job's threads beside those of a web server: while one call waits out a 429 the job's calls are
 * made, then the web's, then one of a job's thread that says by a header how urgent it is.
 */
public final class ClassesApp {
  private static final HttpClient JDK = HttpClient.newHttpClient();
  private static final OkHttpClient OKHTTP = new OkHttpClient();

  private ClassesApp() {}

  public static void main(String[] args) throws Exception {
    String client = args[0];
    List<Thread> threads = new ArrayList<>();
    for (String name :
        new String[] {"main-1", "batch-1", "batch-2", "batch-3", "http-nio-1", "http-nio-2"}) {
      threads.add(start(client, name, ""));
    }
    threads.add(start(client, "batch-4", "interactive"));
    for (Thread thread : threads) {
      thread.join();
    }
    System.exit(0);
  }

  /** Waits until the call of the thread waits, so that all come in this order. */
  private static Thread start(String client, String name, String priority) throws Exception {
    int before = Insides.waiting();
    Thread thread = new Thread(() -> call(client, name, priority), name);
    thread.start();
    Insides.await(() -> Insides.waiting() == before + 1);
    return thread;
  }

  private static void call(String client, String name, String priority) {
    Say say = Say.run(name);
    try {
      String body =
          "{\"model\":\"classes."
              + client
              + "\",\"messages\":[{\"role\":\"user\",\"content\":\"from "
              + name
              + "\"}]}";
      int status = client.equals("jdk") ? jdk(body, priority) : okhttp(body, priority);
      say.with("ok", status == 200).with("text", status);
    } catch (Exception e) {
      say.with("ok", false).failure(e);
    }
    say.line();
  }

  private static int jdk(String body, String priority) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(Runs.url() + "/v1/chat/completions"))
            .header("Authorization", "Bearer sk-fake")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!priority.isEmpty()) {
      request.header("x-paceline-priority", priority);
    }
    return JDK.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private static int okhttp(String body, String priority) throws Exception {
    Request.Builder request =
        new Request.Builder()
            .url(Runs.url() + "/v1/chat/completions")
            .header("Authorization", "Bearer sk-fake")
            .post(RequestBody.create(MediaType.get("application/json"), body));
    if (!priority.isEmpty()) {
      request.header("x-paceline-priority", priority);
    }
    CompletableFuture<Integer> status = new CompletableFuture<>();
    // The interceptors run on a thread of OkHttp's.
    OKHTTP
        .newCall(request.build())
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                status.completeExceptionally(e);
              }

              @Override
              public void onResponse(Call call, Response response) {
                status.complete(response.code());
                response.close();
              }
            });
    return status.get();
  }
}
