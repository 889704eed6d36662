package dev.paceline.it.program;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/** What must not be sent, or tried, again (issue A7, B). */
public final class Repeats {
  /** Twice of it is told from once of it on a machine with much else to do. */
  private static final long CONNECT_MILLIS = 4_000;

  private final AtomicInteger connects = new AtomicInteger();

  private Repeats() {}

  public static void main(String[] names) throws Exception {
    Repeats all = new Repeats();
    Cases cases = new Cases(names);
    for (String client : new String[] {"jdk", "okhttp"}) {
      cases.add(client + " connect timeout", () -> all.connectTimeout(client));
      for (int status : new int[] {302, 303, 307, 308}) {
        cases.add(client + " " + status + " to a dead host", () -> all.redirect(client, status, 0));
        cases.add(client + " " + status + " to a 429", () -> all.redirect(client, status, 429));
        cases.add(client + " " + status + " to a 503", () -> all.redirect(client, status, 503));
      }
      cases.add(client + " untrusted certificate", () -> all.untrusted(client));
      cases.add(client + " unknown host", () -> all.unknownHost(client));
      for (String how : new String[] {"reset before the answer", "closed before the answer"}) {
        cases.add(client + " " + how, () -> all.lost(client, how.startsWith("reset")));
      }
      cases.add(client + " read timeout", () -> all.readTimeout(client));
    }
    cases.add("okhttp refused, retryOnConnectionFailure(false)", all::refusedOnce);
    cases.add("okhttp cleartext forbidden", all::cleartext);
    cases.end();
  }

  private HttpClient jdk() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.ALWAYS)
        .connectTimeout(Duration.ofMillis(CONNECT_MILLIS))
        .build();
  }

  private OkHttpClient.Builder ok() {
    connects.set(0);
    return new OkHttpClient.Builder()
        .connectTimeout(CONNECT_MILLIS, TimeUnit.MILLISECONDS)
        .eventListener(
            new EventListener() {
              @Override
              public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
                connects.incrementAndGet();
              }
            });
  }

  private String send(String client, String url, String key) throws Exception {
    if (client.equals("jdk")) {
      HttpResponse<String> response =
          jdk()
              .send(
                  Jdk.request(url, key, BodyPublishers.ofString(Provider.chat("again?"))).build(),
                  BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    }
    return Ok.sync(
        ok().build(),
        Ok.request(url, key, okhttp3.RequestBody.create(Ok.JSON, Provider.chat("again?"))).build());
  }

  private String ended(String client, String url, String key) {
    try {
      return send(client, url, key);
    } catch (Exception e) {
      return e.getClass().getName();
    }
  }

  /** A host whose queue of connections is full: it does not answer the next one. */
  private String connectTimeout(String client) throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      List<Socket> queue = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Socket socket = new Socket();
        queue.add(socket);
        try {
          socket.connect(full.getLocalSocketAddress(), 200);
        } catch (IOException isFull) {
          break;
        }
      }
      // What a first request costs is not what is asked for.
      ended(client, "http://127.0.0.1:1/v1/chat/completions", "sk-c0");
      connects.set(0);
      long begin = System.nanoTime();
      String end =
          ended(client, "http://127.0.0.1:" + full.getLocalPort() + "/v1/chat/completions", "sk-c");
      boolean once = System.nanoTime() - begin < 1_900_000L * CONNECT_MILLIS;
      for (Socket socket : queue) {
        socket.close();
      }
      return end + ", once " + once + (client.equals("jdk") ? "" : ", connects " + connects);
    }
  }

  /**
   * @param then what the redirect's target says; 0 when it is not there
   */
  private String redirect(String client, int status, int then) throws Exception {
    String target;
    Provider other = null;
    if (then == 0) {
      try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
        target = "http://127.0.0.1:" + gone.getLocalPort();
      }
    } else {
      other =
          new Provider((got, reply) -> reply.json(then, "{\"error\":{\"message\":\"slow down\"}}"));
      target = other.url();
    }
    try (Provider first =
        new Provider(
            (got, reply) -> reply.json(status, "", "Location", target + "/v1/chat/completions"))) {
      String end = ended(client, first.chatUrl(), "sk-redirect-" + status + then);
      return end.replaceAll("(?s)^(\\d+) .*", "$1") + ", arrived " + first.arrived();
    } finally {
      if (other != null) {
        other.close();
      }
    }
  }

  /** How often a server with a certificate that nobody trusts is tried. */
  private String untrusted(String client) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(System.getProperty("it.keystore"))) {
      store.load(in, System.getProperty("it.keystore.password").toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, System.getProperty("it.keystore.password").toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    try (Provider provider =
        new Provider(
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")),
            (got, reply) -> reply.json(200, Provider.OK))) {
      String end =
          ended(
              client,
              "https://127.0.0.1:" + provider.port() + "/v1/chat/completions",
              "sk-untrusted");
      return end + ", connections " + provider.accepted;
    }
  }

  private String unknownHost(String client) {
    long begin = System.nanoTime();
    // Reserved never to exist.
    String end = ended(client, "http://nobody.invalid/v1/chat/completions", "sk-nobody");
    return end + ", at once " + (System.nanoTime() - begin < 3_000_000_000L);
  }

  private String lost(String client, boolean reset) throws Exception {
    try (Provider provider =
        new Provider(
            (got, reply) -> {
              if (reset) {
                reply.reset();
              } else {
                reply.close();
              }
            })) {
      return ended(client, provider.chatUrl(), "sk-lost") + ", arrived " + provider.arrived();
    }
  }

  private String readTimeout(String client) throws Exception {
    try (Provider provider = new Provider((got, reply) -> reply.after(8_000))) {
      if (client.equals("jdk")) {
        try {
          jdk()
              .send(
                  Jdk.request(
                          provider.chatUrl(),
                          "sk-read",
                          BodyPublishers.ofString(Provider.chat("q")))
                      .timeout(Duration.ofMillis(700))
                      .build(),
                  BodyHandlers.ofString());
          return "answered";
        } catch (IOException e) {
          return Cases.told(e) + ", arrived " + provider.arrived();
        }
      }
      OkHttpClient impatient = ok().readTimeout(700, TimeUnit.MILLISECONDS).build();
      try {
        return Ok.sync(impatient, Ok.chat(provider, "sk-read", "q"));
      } catch (IOException e) {
        return e.getClass().getName() + ", arrived " + provider.arrived();
      }
    }
  }

  private String refusedOnce() throws Exception {
    int dead;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      dead = gone.getLocalPort();
    }
    OkHttpClient client = ok().retryOnConnectionFailure(false).build();
    Request request =
        Ok.request(
                "http://127.0.0.1:" + dead + "/v1/chat/completions",
                "sk-refused",
                okhttp3.RequestBody.create(Ok.JSON, Provider.chat("q")))
            .build();
    try {
      return Ok.sync(client, request);
    } catch (IOException e) {
      return e.getClass().getName() + ", connects " + connects;
    }
  }

  private String cleartext() throws Exception {
    try (Provider provider = new Provider((got, reply) -> reply.json(200, Provider.OK))) {
      OkHttpClient strict =
          ok().connectionSpecs(Collections.singletonList(ConnectionSpec.MODERN_TLS)).build();
      long begin = System.nanoTime();
      try {
        return Ok.sync(strict, Ok.chat(provider, "sk-clear", "q"));
      } catch (IOException e) {
        return Cases.told(e) + ", at once " + (System.nanoTime() - begin < 1_500_000_000L);
      }
    }
  }
}
