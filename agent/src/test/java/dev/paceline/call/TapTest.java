package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.words.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TapTest {
  private static final Headers SSE =
      TestCalls.headers(Map.of("content-type", "text/event-stream; charset=utf-8"));
  private static final String CHUNK =
      "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n";
  private static final String FAILED =
      "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":"
          + "\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Rate limit"
          + " reached for m on tokens per min (TPM): Limit 90, Used 80, Requested 20. Please try"
          + " again in 11.054s.\"}}}\n\n";

  private final TestCalls test = new TestCalls();

  /** A sink that remembers. */
  private static final class Memory implements BodySink {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Boolean> ends = new ArrayList<>();

    @Override
    public void bytes(ByteBuffer buffer) {
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part); // as a careless sink would
      bytes.writeBytes(part);
    }

    @Override
    public void end(boolean complete) {
      ends.add(complete);
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static BodyTap served(CallExecution course, Headers headers) {
    BodyTap tap = course.tap(200, headers);
    course.served(200, headers, 0);
    assertThat(tap).isNotNull();
    return tap;
  }

  private @Nullable BodyTap tap(int status, Map<String, String> headers) {
    CallExecution course = test.begin("{}");
    course.start();
    return course.tap(status, TestCalls.headers(headers));
  }

  @Test
  void anErrorInAServedStreamIsCountedAndHoldsTheNextCallButNotThisOne() {
    CallExecution course = test.begin("{\"n\":1}");
    course.start();
    BodyTap tap = served(course, SSE);
    byte[] body = utf8(CHUNK + FAILED);
    for (byte b : body) {
      tap.bytes(new byte[] {0, b, 0}, 1, 1);
    }
    assertThat(test.events).containsExactly("ended SUCCESS", "limited tpm");
    Step next = test.begin("{\"n\":2}").start();
    assertThat(next).isInstanceOf(Step.Wait.class);
    test.ride(test.begin("{\"n\":3}"), next);
    assertThat(test.time.nanos()).isGreaterThanOrEqualTo(11 * SECOND);
    tap.end(true);
  }

  @Test
  void anErrorAtTheEndOfAStreamThatBreaksOffCountsToo() {
    CallExecution course = test.begin("{}");
    course.start();
    BodyTap tap = served(course, SSE);
    tap.bytes(ByteBuffer.wrap(utf8(FAILED.strip())));
    assertThat(test.events).doesNotContain("limited tpm");
    tap.end(false);
    assertThat(test.events).contains("limited tpm");
  }

  @Test
  void inObserveModeItIsCountedAndNothingIsHeld() {
    Policy p = test.policy;
    test.policy =
        new Policy(
            true,
            Mode.OBSERVE,
            6,
            SECOND,
            false,
            SECOND,
            SECOND,
            SECOND,
            SECOND,
            0,
            p.onDeadline(),
            "");
    CallExecution course = test.begin("{}");
    course.start();
    BodyTap tap = served(course, SSE);
    tap.bytes(ByteBuffer.wrap(utf8(FAILED)));
    assertThat(test.events).contains("limited tpm");
    assertThat(test.calls.holding()).isFalse();
    // Its budget is kept all the same: it is what the console shows.
    assertThat(test.calls.openStreams()).isOne();
    tap.end(true);
    assertThat(test.calls.openStreams()).isZero();
  }

  @Test
  void aStreamHoldsItsPlaceUntilItEndsOrIsClosed() {
    for (boolean complete : new boolean[] {true, false}) {
      CallExecution course = test.begin("{}");
      course.start();
      BodyTap tap = served(course, SSE);
      assertThat(test.calls.openStreams()).isOne();
      tap.bytes(ByteBuffer.wrap(utf8(CHUNK)));
      assertThat(test.calls.openStreams()).isOne();
      tap.end(complete);
      tap.end(!complete);
      assertThat(test.calls.openStreams()).isZero();
    }
  }

  /** What the place is for: the concurrency that a provider allows counts streams. */
  @Test
  void aCallThatMetTheConcurrencyLimitIsSentWhenAStreamHasEnded() {
    for (boolean endBefore : new boolean[] {true, false}) {
      TestCalls calls = new TestCalls();
      List<BodyTap> streams = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        CallExecution course = calls.begin("{\"s\":" + i + "}");
        course.start();
        streams.add(served(course, SSE));
      }
      CallExecution third = calls.begin("{\"third\":1}");
      third.start();
      Step step =
          third.answered(
              TestCalls.answer(
                  429,
                  Map.of("retry-after", "1"),
                  "{\"error\":{\"message\":\"Too many concurrent requests\","
                      + "\"type\":\"rate_limit_error\",\"code\":\"concurrency_limit_exceeded\"}}"),
              0);
      assertThat(calls.events).contains("limited concurrency");
      Ticket ticket = ((Step.Wait) step).ticket();
      if (endBefore) {
        streams.forEach(tap -> tap.end(false));
      }
      calls.time.pass(3 * SECOND);
      assertThat(ticket.state())
          .isEqualTo(endBefore ? Ticket.State.ADMITTED : Ticket.State.WAITING);
      streams.get(0).end(false);
      calls.time.pass(SECOND);
      assertThat(ticket.state()).isEqualTo(Ticket.State.ADMITTED);
    }
  }

  @Test
  void aStreamThatNobodyReadsOrClosesLosesItsPlaceInTheEnd() {
    CallExecution course = test.begin("{}");
    course.start();
    BodyTap silent = served(course, SSE);
    CallExecution other = test.begin("{\"o\":1}");
    other.start();
    BodyTap slow = served(other, SSE);
    for (int minute = 0; minute < 9; minute++) {
      test.time.pass(60 * SECOND);
      slow.bytes(ByteBuffer.wrap(utf8(CHUNK)));
      test.begin("{\"m\":" + minute + "}");
      assertThat(test.calls.openStreams()).isEqualTo(2);
    }
    test.time.pass(120 * SECOND);
    test.begin("{\"last\":1}");
    assertThat(test.calls.openStreams()).as("the one that is read").isOne();
    silent.bytes(ByteBuffer.wrap(utf8(FAILED)));
    silent.end(true);
    assertThat(test.events).as("it is looked at all the same").contains("limited tpm");
    slow.end(true);
    assertThat(test.calls.openStreams()).isZero();
  }

  @Test
  void onlyBodiesThatCanTellAreWatched() {
    assertThat(tap(200, Map.of("content-type", "application/pdf"))).isNull();
    assertThat(tap(200, Map.of())).isNull();
    assertThat(tap(101, Map.of("content-type", "text/event-stream"))).isNull();
    assertThat(tap(304, Map.of("content-type", "text/event-stream"))).isNull();
    assertThat(tap(429, Map.of("content-type", "text/event-stream"))).isNull();
    assertThat(test.calls.openStreams()).isZero();
    assertThat(tap(206, Map.of("content-type", "application/x-ndjson"))).isNotNull();
  }

  @Test
  void aStreamInAnotherCodingCountsAsInFlightAndIsNotLookedInto() {
    BodyTap tap = tap(200, Map.of("content-type", "text/event-stream", "content-encoding", "br"));
    assertThat(tap).isNotNull();
    tap.bytes(ByteBuffer.wrap(utf8(FAILED)));
    tap.end(true);
    assertThat(test.events).isEmpty();
    assertThat(test.calls.openStreams()).isZero();
  }

  @Test
  void aGzippedStreamIsDecodedForLooking() {
    Headers headers =
        TestCalls.headers(Map.of("content-type", "text/event-stream", "content-encoding", "GZIP"));
    byte[] body = gzip(utf8(CHUNK.repeat(50) + FAILED));
    for (int piece : new int[] {1, 7, 64, body.length}) {
      TestCalls calls = new TestCalls();
      CallExecution course = calls.begin("{}");
      course.start();
      BodyTap tap = course.tap(200, headers);
      course.served(200, headers, 0);
      assertThat(tap).isNotNull();
      for (int at = 0; at < body.length; at += piece) {
        ByteBuffer buffer =
            ByteBuffer.wrap(body, at, Math.min(piece, body.length - at)).asReadOnlyBuffer();
        int from = buffer.position();
        tap.bytes(buffer);
        assertThat(buffer.position()).isEqualTo(from);
      }
      tap.end(true);
      assertThat(calls.events).as("pieces of " + piece).contains("limited tpm");
    }
  }

  private Tap tap(BodySink... sinks) {
    return new Tap(test.calls, List.of(sinks), null, null, null);
  }

  @Test
  void everySinkGetsEveryByteAndTheApplicationsBufferStaysAsItIs() {
    Memory one = new Memory();
    Memory two = new Memory();
    Tap tap = tap(one, two);
    ByteBuffer direct = ByteBuffer.allocateDirect(16).put(utf8("__hello__")).flip().position(2);
    direct.limit(7);
    tap.bytes(direct);
    assertThat(direct.position()).isEqualTo(2);
    assertThat(direct.limit()).isEqualTo(7);
    tap.bytes(utf8("__world__"), 2, 5);
    tap.bytes(ByteBuffer.allocate(0));
    tap.end(false);
    tap.end(true);
    tap.bytes(ByteBuffer.wrap(utf8("late")));
    assertThat(one.text()).isEqualTo("helloworld");
    assertThat(two.text()).isEqualTo("helloworld");
    assertThat(one.ends).containsExactly(false);
    assertThat(two.ends).containsExactly(false);
  }

  @Test
  void aSinkThatThrowsIsDroppedAndCountedAndTheOthersSeeEverything() {
    Memory good = new Memory();
    BodySink bad =
        new BodySink() {
          @Override
          public void bytes(ByteBuffer bytes) {
            bytes.position(bytes.limit());
            throw new StackOverflowError("of ours");
          }

          @Override
          public void end(boolean complete) {
            throw new AssertionError("dropped already");
          }
        };
    BodySink badAtTheEnd =
        new BodySink() {
          @Override
          public void bytes(ByteBuffer bytes) {}

          @Override
          public void end(boolean complete) {
            throw new IllegalStateException("of ours");
          }
        };
    Tap tap = tap(bad, badAtTheEnd, good);
    tap.bytes(ByteBuffer.wrap(utf8("one ")));
    tap.bytes(ByteBuffer.wrap(utf8("two")));
    tap.end(true);
    assertThat(good.text()).isEqualTo("one two");
    assertThat(good.ends).containsExactly(true);
    assertThat(test.events).containsExactly("fault tap", "fault tap");
  }

  @Test
  void aSinkMayEndTheStreamThatItLooksAt() {
    Memory memory = new Memory();
    Tap[] self = new Tap[1];
    BodySink ending =
        new BodySink() {
          @Override
          public void bytes(ByteBuffer bytes) {
            self[0].end(false);
          }

          @Override
          public void end(boolean complete) {}
        };
    self[0] = tap(memory, ending);
    self[0].bytes(ByteBuffer.wrap(utf8("x")));
    assertThat(memory.ends).containsExactly(false);
    assertThat(test.events).isEmpty();
  }

  private static byte[] decoded(byte[] body, int piece, int most) {
    Gunzip gunzip = new Gunzip();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < body.length; at += piece) {
      ByteBuffer part = ByteBuffer.wrap(body, at, Math.min(piece, body.length - at));
      if (!gunzip.feed(
          part,
          bytes -> {
            if (out.size() < most) {
              byte[] got = new byte[bytes.remaining()];
              bytes.get(got);
              out.writeBytes(got);
            }
          })) {
        break;
      }
    }
    gunzip.close();
    return out.toByteArray();
  }

  /** All that RFC 1952 allows before the data: extra field, name, comment, header checksum. */
  @Test
  void everyHeaderOfGzipIsUnderstood() {
    byte[] plain = utf8("what was said");
    for (int flags = 0; flags < 32; flags++) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, 3});
      if ((flags & 4) != 0) {
        out.writeBytes(new byte[] {3, 0, 1, 2, 3});
      }
      if ((flags & 8) != 0) {
        out.writeBytes(utf8("name\0"));
      }
      if ((flags & 16) != 0) {
        out.writeBytes(utf8("\0"));
      }
      if ((flags & 2) != 0) {
        out.writeBytes(new byte[] {1, 2});
      }
      Deflater deflater = new Deflater(9, true);
      deflater.setInput(plain);
      deflater.finish();
      byte[] deflated = new byte[100];
      out.write(deflated, 0, deflater.deflate(deflated));
      deflater.end();
      CRC32 crc = new CRC32();
      crc.update(plain);
      out.writeBytes(ByteBuffer.allocate(8).putInt((int) crc.getValue()).array());
      for (int piece : new int[] {1, 3, 100}) {
        assertThat(decoded(out.toByteArray(), piece, 1_000)).as("flags " + flags).isEqualTo(plain);
      }
    }
  }

  @Test
  void whatIsNoGzipIsNotLookedAt() {
    assertThat(decoded(utf8(FAILED), 5, 1_000)).isEmpty();
    byte[] damaged = gzip(utf8(CHUNK.repeat(20)));
    for (int i = 10; i < damaged.length; i++) {
      damaged[i] = (byte) 0xff;
    }
    assertThat(decoded(damaged, 5, 10_000)).isEmpty();
  }

  @Test
  void aBodyThatWasMadeToSwellIsNotDecodedToItsEnd() {
    byte[] bomb = gzip(new byte[200 << 20]);
    long[] seen = new long[1];
    Gunzip gunzip = new Gunzip();
    boolean goOn = gunzip.feed(ByteBuffer.wrap(bomb), bytes -> seen[0] += bytes.remaining());
    gunzip.close();
    assertThat(goOn).isFalse();
    assertThat(seen[0]).isBetween(Gunzip.MOST, Gunzip.MOST + 8 * 1024);
  }
}
