package dev.paceline.it.program;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;

/** Bodies that can be read once, and do not say so (issue A1). */
public final class OkBodies {
  private static final byte[] QUESTION = Provider.chat("one shot").getBytes();

  private final OkHttpClient client = new OkHttpClient();
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            if (got.key().startsWith("limited") && provider().turn(got) == 1) {
              reply.json(429, Provider.LIMITED, "retry-after-ms", "100");
            } else {
              reply.json(200, Provider.OK);
            }
          });

  private OkBodies() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    OkBodies all = new OkBodies();
    Cases cases = new Cases(names);
    for (String way : new String[] {"sync", "async"}) {
      for (String length : new String[] {"available", "declared", "unknown"}) {
        for (String type : new String[] {"application/json", "none", "application/octet-stream"}) {
          String name = way + " " + length + " " + type;
          cases.add(name, () -> all.call("plain " + name, way, length, type));
        }
        cases.add(
            way + " " + length + " limited",
            () -> all.limited("limited " + way + length, way, length));
      }
      cases.add(way + " throws in writeTo", () -> all.throwing(way));
    }
    cases.add("counts its own progress", all::progress);
    cases.end();
  }

  private String call(String key, String way, String length, String type) throws Exception {
    AtomicInteger writes = new AtomicInteger();
    int before = provider.arrived();
    String end = send(way, Ok.request(provider.chatUrl(), key, body(length, type, writes)).build());
    return end
        + ", arrived "
        + (provider.arrived() - before)
        + ", its bytes "
        + Arrays.equals(provider.got.get(before).body(), QUESTION)
        + ", written "
        + writes;
  }

  /** Whether the call gets its 429 or an answer to a repeat: whatever is sent is whole. */
  private String limited(String key, String way, String length) throws Exception {
    AtomicInteger writes = new AtomicInteger();
    int before = provider.arrived();
    String end =
        send(
            way,
            Ok.request(provider.chatUrl(), key, body(length, "application/json", writes)).build());
    boolean whole =
        provider.got.stream().skip(before).allMatch(got -> Arrays.equals(got.body(), QUESTION));
    return (end.startsWith("200") || end.startsWith("429"))
        + ", whole "
        + whole
        + ", written "
        + writes;
  }

  private String throwing(String way) throws Exception {
    AtomicInteger writes = new AtomicInteger();
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return Ok.JSON;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            writes.incrementAndGet();
            throw new IOException("the source is gone");
          }
        };
    String end = send(way, Ok.request(provider.chatUrl(), "throws " + way, body).build());
    return end + ", written " + writes;
  }

  private String progress() throws Exception {
    AtomicInteger bytes = new AtomicInteger();
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return Ok.JSON;
          }

          @Override
          public long contentLength() {
            return QUESTION.length;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            for (byte b : QUESTION) {
              sink.writeByte(b);
              bytes.incrementAndGet();
            }
          }
        };
    String end = Ok.sync(client, Ok.request(provider.chatUrl(), "progress", body).build());
    return end.substring(0, 3) + ", 100 % is " + (bytes.get() == QUESTION.length);
  }

  private String send(String way, Request request) throws Exception {
    if (way.equals("async")) {
      return Ok.got(Ok.async(client, request));
    }
    try {
      return Ok.sync(client, request);
    } catch (IOException e) {
      return Cases.told(e);
    }
  }

  private static RequestBody body(String length, String type, AtomicInteger writes) {
    InputStream in = new ByteArrayInputStream(QUESTION);
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return type.equals("none") ? null : MediaType.parse(type);
      }

      @Override
      public long contentLength() throws IOException {
        return switch (length) {
          case "available" -> in.available();
          case "declared" -> QUESTION.length;
          default -> -1;
        };
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writes.incrementAndGet();
        sink.write(in.readAllBytes());
      }
    };
  }
}
