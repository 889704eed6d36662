package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.Runs;
import dev.paceline.it.app.Say;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Makes asynchronous calls that all wait, and tells what each of them takes of the heap: by how
 * much it grows, class by class, with the second half of the calls. Arguments: the client and the
 * number of calls.
 *
 * <p>With {@code it.unsent} the calls are only built, and kept beside the future that a client
 * would have returned: what a call takes by itself. OkHttp's are enqueued nevertheless, and wait in
 * its own queue, since all places are taken.
 */
public final class ParkedApp {
  private static final boolean UNSENT = Boolean.getBoolean("it.unsent");
  private static final HttpClient JDK =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ParkedApp() {}

  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[1]);
    Supplier<Object> call = args[0].equals("jdk") ? ParkedApp::jdk : okHttp();
    List<Object> kept = new ArrayList<>(calls);
    if (!UNSENT) {
      JdkApp.syncOverHttp("parked"); // from its answer is known that there is no room
    }
    enqueue(kept, call, calls / 2);
    Map<String, Long> half = histogram();
    enqueue(kept, call, calls);
    Map<String, Long> all = histogram();
    Map<String, Long> grown = new HashMap<>();
    all.forEach((name, bytes) -> grown.put(name, bytes - half.getOrDefault(name, 0L)));
    int each = calls - calls / 2;
    grown.forEach(
        (name, bytes) -> {
          if (bytes > 4L * each) {
            System.out.println("grown " + bytes / each + " " + name);
          }
        });
    Say.run("parked")
        .with("ok", true)
        .with("text", grown.values().stream().mapToLong(Long::longValue).sum() / each)
        .with("message", ours())
        .line();
    // Not exit: that would send them all.
    Runtime.getRuntime().halt(kept.size() == calls ? 0 : 1);
  }

  private static void enqueue(List<Object> kept, Supplier<Object> call, int upTo) {
    while (kept.size() < upTo) {
      kept.add(call.get());
    }
    if (!UNSENT) {
      // The provider lets one more through each second.
      Insides.await(() -> Insides.waiting() >= upTo * 0.99);
    }
  }

  private static Object jdk() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(Runs.url() + "/v1/chat/completions"))
            .header("Authorization", "Bearer sk-it")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JdkApp.chatBody("parked", false)))
            .build();
    return UNSENT
        ? CompletableFuture.completedFuture(request)
        : JDK.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static Supplier<Object> okHttp() {
    OkHttpClient client = new OkHttpClient();
    if (UNSENT) {
      client.dispatcher().setMaxRequestsPerHost(1);
    }
    return () -> {
      Call call = client.newCall(OkHttpApp.chat(Runs.url(), "parked", false));
      call.enqueue(
          new Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {}

            @Override
            public void onResponse(Call answered, Response response) {
              response.close();
            }
          });
      return call;
    };
  }

  /** The agent's threads, by name; a number at the end of a name is left out. */
  private static String ours() {
    Map<String, Integer> threads = new TreeMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("paceline")) {
        threads.merge(thread.getName().replaceAll("-\\d+$", ""), 1, Integer::sum);
      }
    }
    return threads.toString();
  }

  /** Bytes of what is reachable, by class. */
  private static Map<String, Long> histogram() throws JMException {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {null},
                    new String[] {String[].class.getName()});
    Map<String, Long> bytes = new HashMap<>();
    text.lines()
        .map(String::trim)
        .filter(line -> line.matches("\\d+:.*"))
        .forEach(
            line -> {
              String[] parts = line.split("\\s+");
              // Lambdas have a number of their own in each JVM.
              bytes.merge(
                  parts[3].replaceAll("[0-9a-fx/+]{8,}", "#"), Long.valueOf(parts[2]), Long::sum);
            });
    return bytes;
  }
}
