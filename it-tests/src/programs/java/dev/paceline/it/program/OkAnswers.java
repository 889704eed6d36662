package dev.paceline.it.program;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Connection;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Every kind of answer read in every way, sync and async, and the events that the application is
 * told of (issue A8 (26), B).
 */
public final class OkAnswers {
  private static final List<String> WAYS = List.of("string", "stream", "peek", "close", "some");

  private final Provider provider = new Provider(Kinds::answer);
  private final OkHttpClient base = new OkHttpClient();

  private OkAnswers() throws IOException {}

  public static void main(String[] names) throws IOException {
    OkAnswers all = new OkAnswers();
    Cases cases = new Cases(names);
    for (String kind : Kinds.ALL) {
      cases.add(
          kind,
          () -> {
            StringBuilder ends = new StringBuilder();
            for (String way : WAYS) {
              if (!kind.equals("bad-slow") || way.equals("string")) {
                ends.append("\n    ").append(way).append(": ").append(all.call(kind, way, false));
                ends.append("\n    ").append(way).append(" async: ");
                ends.append(all.call(kind, way, true));
              }
            }
            return ends;
          });
    }
    cases.add("interceptors are the application's own", all::interceptors);
    cases.end();
  }

  private static final class Events extends EventListener {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void callStart(Call call) {
      told.add("callStart");
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
      told.add("connectStart");
    }

    @Override
    public void connectEnd(Call call, InetSocketAddress address, Proxy proxy, Protocol protocol) {
      told.add("connectEnd");
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
      told.add("acquired");
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
      told.add("released");
    }

    @Override
    public void requestHeadersStart(Call call) {
      told.add("requestHeaders");
    }

    @Override
    public void requestBodyStart(Call call) {
      told.add("requestBody");
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
      told.add("response " + response.code());
    }

    @Override
    public void responseBodyStart(Call call) {
      told.add("bodyStart");
    }

    @Override
    public void responseBodyEnd(Call call, long bytes) {
      told.add("bodyEnd " + bytes);
    }

    @Override
    public void callEnd(Call call) {
      told.add("callEnd");
    }

    @Override
    public void callFailed(Call call, IOException failure) {
      told.add("callFailed");
    }
  }

  private String call(String kind, String way, boolean async) throws Exception {
    Events events = new Events();
    ConnectionPool pool = new ConnectionPool();
    OkHttpClient client = base.newBuilder().eventListener(events).connectionPool(pool).build();
    Request request =
        Ok.request(
                provider.chatUrl() + "?kind=" + kind,
                "sk-" + System.nanoTime(),
                RequestBody.create(Ok.JSON, Provider.chat("q" + System.nanoTime())))
            .build();
    int before = provider.arrived();
    String end;
    if (async) {
      CompletableFuture<String> ended = new CompletableFuture<>();
      client
          .newCall(request)
          .enqueue(
              new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                  ended.complete(e.getClass().getName());
                }

                @Override
                public void onResponse(Call call, Response response) {
                  ended.complete(read(response, way));
                }
              });
      end = Ok.got(ended);
    } else {
      try {
        end = read(client.newCall(request).execute(), way);
      } catch (IOException e) {
        end = e.getClass().getName();
      }
    }
    boolean over =
        Cases.reached(
            3_000, () -> events.told.contains("callEnd") || events.told.contains("callFailed"));
    boolean free =
        Cases.reached(
            3_000,
            () ->
                client.dispatcher().runningCallsCount() == 0
                    && pool.connectionCount() == pool.idleConnectionCount());
    return end
        + ", sent "
        + (provider.arrived() - before)
        + ", over "
        + over
        + ", free "
        + free
        + ", "
        + comparable(events.told, way);
  }

  /**
   * Of an error the agent reads up to 64 KiB before the application does (rule 1): how many bytes
   * had come, and whether it has broken off, when it was closed before its end may differ.
   */
  private static List<String> comparable(List<String> told, String way) {
    boolean error = told.stream().anyMatch(event -> event.matches("response [45].."));
    boolean partly = way.equals("close") || way.equals("some");
    return told.stream()
        .filter(event -> !error || !event.startsWith("bodyEnd"))
        .map(event -> error && partly && event.equals("callFailed") ? "callEnd" : event)
        .map(event -> partly && event.startsWith("bodyEnd") ? "bodyEnd" : event)
        .toList();
  }

  private static String read(Response response, String way) {
    String head =
        response.code()
            + " "
            + response.message()
            + " "
            + new TreeSet<>(response.headers().names())
            + " length "
            + response.body().contentLength()
            + " type "
            + response.body().contentType()
            + " network "
            + (response.networkResponse() != null)
            + " prior "
            + (response.priorResponse() != null)
            + " body ";
    try (response) {
      return head
          + switch (way) {
            case "string" -> Cases.text(response.body().string());
            case "stream" -> {
              byte[] bytes = response.body().byteStream().readAllBytes();
              yield bytes.length + " bytes #" + java.util.Arrays.hashCode(bytes);
            }
            case "peek" ->
                response.peekBody(10).string() + " of " + response.body().string().length();
            case "some" -> "" + response.body().source().request(5);
            default -> "closed";
          };
    } catch (IOException e) {
      return head + "reading: " + e.getClass().getName();
    }
  }

  /** What the application sees of its own client, and may move about. */
  private String interceptors() throws IOException {
    OkHttpClient client =
        new OkHttpClient.Builder().addInterceptor(chain -> chain.proceed(chain.request())).build();
    OkHttpClient.Builder moved = new OkHttpClient.Builder();
    client.interceptors().forEach(moved::addNetworkInterceptor);
    OkHttpClient.Builder copied = client.newBuilder();
    return client.interceptors().size()
        + " of "
        + copied.interceptors().size()
        + ", moved to the network: "
        + Ok.sync(moved.build(), Ok.chat(provider, "sk-moved", "q"))
        + ", copied: "
        + Ok.sync(copied.build(), Ok.chat(provider, "sk-copied", "q"));
  }
}
