package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.tokens.Usage;
import dev.paceline.tokens.UsageScanner;
import dev.paceline.words.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What answers say that they did cost, on their way through a tap. */
class UsageTapTest {
  private static final Map<String, String> JSON = Map.of("content-type", "application/json");
  private static final String USAGE =
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":8,\"prompt_tokens_details\":{\"cached_tokens\":4}}}";

  private final TestCalls test = new TestCalls();

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static BodyTap served(CallExecution course, Map<String, String> headers) {
    Headers seen = TestCalls.headers(headers);
    course.start();
    BodyTap tap = course.tap(200, seen);
    course.served(200, seen, 0);
    assertThat(tap).isNotNull();
    return tap;
  }

  private static void feed(BodyTap tap, byte[] body, int piece) {
    for (int at = 0; at < body.length; at += piece) {
      tap.bytes(body, at, Math.min(piece, body.length - at));
    }
  }

  @Test
  void aCompleteAnswerIsCountedOnce() {
    BodyTap tap = served(test.begin("{\"model\":\"m\"}"), JSON);
    feed(tap, USAGE.getBytes(StandardCharsets.UTF_8), 7);
    tap.end(true);
    tap.end(false);
    assertThat(test.used).containsExactly("14 4 8");
  }

  @Test
  void anAnswerInGzipIsCounted() {
    BodyTap tap =
        served(
            test.begin("{}"),
            Map.of("content-type", "application/json", "content-encoding", "gzip"));
    feed(tap, gzip(USAGE.getBytes(StandardCharsets.UTF_8)), 1);
    tap.end(true);
    assertThat(test.used).containsExactly("14 4 8");
  }

  @Test
  void aStreamThatBreaksOffCountsWithWhatItHadSaid() {
    BodyTap tap = served(test.begin("{}"), Map.of("content-type", "text/event-stream"));
    String start =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":17,\"output_tokens\":1}}}\n\nevent: content_block";
    feed(tap, start.getBytes(StandardCharsets.UTF_8), 1_000);
    tap.end(false);
    assertThat(test.used).containsExactly("17 0 1");
  }

  @Test
  void anAnswerThatIsNeverReadCountsNothing() {
    BodyTap tap = served(test.begin("{}"), JSON);
    tap.end(false);
    assertThat(test.used).isEmpty();
  }

  @Test
  void observeModeCountsToo() {
    Policy p = test.policy;
    test.policy =
        new Policy(
            true,
            Mode.OBSERVE,
            p.maxAttempts(),
            p.maxWaitNanos(),
            p.maxWaitTyped(),
            p.maxCallWaitNanos(),
            p.backoffInitialNanos(),
            p.perhapsInitialNanos(),
            p.backoffCapNanos(),
            p.jitter(),
            p.onDeadline(),
            p.ruleId());
    BodyTap tap = served(test.begin("{\"prompt\":\"one two three\",\"max_tokens\":9}"), JSON);
    feed(tap, USAGE.getBytes(StandardCharsets.UTF_8), 100);
    tap.end(true);
    assertThat(test.estimated).containsExactly("3 9");
    assertThat(test.used).containsExactly("14 4 8");
  }

  @Test
  void answersTeachThePriceOfTheNext() {
    for (int i = 0; i < 3; i++) {
      BodyTap tap = served(test.begin("{\"prompt\":\"one two three\"}"), JSON);
      feed(tap, USAGE.getBytes(StandardCharsets.UTF_8), 100);
      tap.end(true);
    }
    assertThat(test.estimated).containsExactly("3 0", "14 8", "14 8");
  }

  @Test
  void everyRecordedStreamInGzipGivesTheUsageOfItsIndex() throws IOException {
    Path index = recordings();
    if (index == null) {
      System.out.println("UsageTapTest: skipped, no recordings here");
      Assumptions.abort("no recordings here");
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(index.getParent())) {
      files = found.filter(file -> !file.equals(index)).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(30);
    for (Path file : files) {
      String name = file.getFileName().toString();
      String type =
          name.endsWith(".bin")
              ? "application/vnd.amazon.eventstream"
              : name.endsWith(".ndjson") ? "application/x-ndjson" : "text/event-stream";
      byte[] body = Files.readAllBytes(file);
      test.used.clear();
      BodyTap plain = served(test.begin("{\"a\":\"" + name + "\"}"), Map.of("content-type", type));
      feed(plain, body, 4_096);
      plain.end(true);
      List<String> expected = List.copyOf(test.used);
      byte[] zipped = gzip(body);
      for (int piece : new int[] {1, 7, 1_000, zipped.length}) {
        test.used.clear();
        BodyTap tap =
            served(
                test.begin("{\"a\":\"" + name + piece + "\"}"),
                Map.of("content-type", type, "content-encoding", "gzip"));
        feed(tap, zipped, piece);
        tap.end(true);
        assertThat(test.used).as("%s in pieces of %s", name, piece).isEqualTo(expected);
      }
      // The few where this takes seconds are cut at each byte by pieces of one alone.
      if ((long) body.length * zipped.length < 200_000_000 || Boolean.getBoolean("paceline.cuts")) {
        Headers headers = TestCalls.headers(Map.of("content-type", type));
        Usage whole = unzipped(headers, zipped, 0);
        assertThat(whole == null).isEqualTo(expected.isEmpty());
        assertThat(
                IntStream.range(1, zipped.length)
                    .parallel()
                    .filter(cut -> !Objects.equals(unzipped(headers, zipped, cut), whole))
                    .limit(3)
                    .toArray())
            .as("cuts of %s that change the usage", name)
            .isEmpty();
      }
    }
  }

  private static @Nullable Usage unzipped(Headers headers, byte[] zipped, int cut) {
    UsageScanner scanner = UsageScanner.of(headers, true);
    assertThat(scanner).isNotNull();
    Gunzip gunzip = new Gunzip();
    gunzip.feed(ByteBuffer.wrap(zipped, 0, cut), scanner::bytes);
    gunzip.feed(ByteBuffer.wrap(zipped, cut, zipped.length - cut), scanner::bytes);
    gunzip.close();
    return scanner.usage();
  }

  private static @Nullable Path recordings() {
    String set = System.getProperty("paceline.samples");
    for (String folder :
        set != null
            ? new String[] {set}
            : new String[] {"../../shared/samples", "../shared/samples"}) {
      Path index = Path.of(folder, "recordings", "streams", "index.jsonl");
      if (Files.exists(index)) {
        return index;
      }
    }
    return null;
  }
}
