package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.StubServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Runs the same call against a name that is recognised and one that is not: what the server saw,
 * what the application got and what its listener was told must be the same.
 */
abstract class Comparing extends Scenario {
  private static final String RECOGNISED = "llm.test";
  private static final String OTHER = "xyz.test";

  /** Both names are the server's address. */
  OkHttpClient.Builder clientHere() {
    return client
        .newBuilder()
        .dns(name -> Collections.singletonList(InetAddress.getByName("127.0.0.1")));
  }

  /** The call with a body of its own each time. */
  void sameWith(Supplier<RequestBody> body) {
    same(url -> new Request.Builder().url(url).post(body.get()).build(), clientHere().build());
  }

  void same(Function<String, Request> request, OkHttpClient by) {
    StubServer.Script script = server.script();
    List<String> without = told(OTHER, request, by);
    server.script(script); // a script may count
    List<String> with = told(RECOGNISED, request, by);
    assertThat(with).isEqualTo(without);
  }

  /** All that server, application and listener are told, in order of each. */
  List<String> told(String host, Function<String, Request> request, OkHttpClient by) {
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    int before = server.count();
    OkHttpClient listening =
        by.newBuilder()
            .connectionPool(new okhttp3.ConnectionPool())
            .eventListener(new Events(events))
            .build();
    Request sent = request.apply(server.url(host, CHAT));
    Call call = listening.newCall(sent);
    String got;
    int seen = before;
    try (Response response = call.execute()) {
      got =
          response.code()
              + " "
              + response.headers()
              + (response.request() == sent ? " its own request " : " another request ")
              + response.body().string();
      seen = server.count(); // of a request that broke off the server hears when it likes
    } catch (Throwable e) {
      got = e + " because of " + e.getCause();
    }
    listening.connectionPool().evictAll();
    List<String> told = new ArrayList<>();
    for (StubServer.Exchange exchange : List.copyOf(server.requests).subList(before, seen)) {
      told.add(exchange.path() + " " + exchange.headers() + " " + exchange.body());
    }
    told.add(got);
    told.addAll(events);
    told.replaceAll(line -> line.replace(RECOGNISED, "HOST").replace(OTHER, "HOST"));
    told.replaceAll(line -> line.replaceAll("@[0-9a-f]+", ""));
    return told;
  }

  /** Names of events, with what can be compared. */
  private static final class Events extends EventListener {
    private final List<String> events;

    Events(List<String> events) {
      this.events = events;
    }

    private void add(String event) {
      events.add(event);
    }

    @Override
    public void callStart(Call call) {
      add("callStart");
    }

    @Override
    public void dnsStart(Call call, String name) {
      add("dnsStart");
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, java.net.Proxy proxy) {
      add("connectStart");
    }

    @Override
    public void connectEnd(
        Call call, InetSocketAddress address, java.net.Proxy proxy, Protocol protocol) {
      add("connectEnd");
    }

    @Override
    public void connectFailed(
        Call call,
        InetSocketAddress address,
        java.net.Proxy proxy,
        Protocol protocol,
        IOException e) {
      add("connectFailed " + e);
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
      add("connectionAcquired");
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
      add("connectionReleased");
    }

    @Override
    public void requestHeadersStart(Call call) {
      add("requestHeadersStart");
    }

    @Override
    public void requestHeadersEnd(Call call, Request request) {
      add("requestHeadersEnd " + request.headers());
    }

    @Override
    public void requestBodyStart(Call call) {
      add("requestBodyStart");
    }

    @Override
    public void requestBodyEnd(Call call, long count) {
      add("requestBodyEnd " + count);
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
      add("responseHeadersEnd " + response.code());
    }

    @Override
    public void responseBodyEnd(Call call, long count) {
      add("responseBodyEnd"); // what is read ahead of an error counts too
    }

    @Override
    public void callEnd(Call call) {
      add("callEnd");
    }

    @Override
    public void callFailed(Call call, IOException e) {
      add("callFailed " + e);
    }
  }
}
