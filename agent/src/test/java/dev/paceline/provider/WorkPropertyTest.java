package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.retry.CallSoFar;
import dev.paceline.retry.RetryRules;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import dev.paceline.words.RetryDecision;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The work of judging an answer is at most a multiple of its size, whatever stands in it; and what
 * is waited for it is within the bounds. Counted, not timed: every byte and character that is
 * looked at, every turn of a loop.
 */
class WorkPropertyTest {
  /**
   * A few hundred phrases are searched for once in what was kept of the text, and each search stops
   * where it finds. Measured: up to 250 a byte between 512 bytes and 4 KiB, 14 a byte at 64 KiB,
   * for from {@link dev.paceline.provider.error.ErrorText#MAX} on no more is kept.
   */
  private static final long A_BYTE = 300;

  /** What an empty answer costs: the tables are gone through all the same. Measured: 21,000. */
  private static final long AT_LEAST = 40_000;

  private static final long SECOND = 1_000_000_000L;
  private static final Policy POLICY =
      new Policy(
          true,
          Mode.ENFORCE,
          6,
          60 * SECOND,
          false,
          150 * SECOND,
          SECOND,
          SECOND / 2,
          60 * SECOND,
          0.25,
          OnDeadline.AUTO,
          "");
  private static final CountedProviders COUNTED = new CountedProviders();
  private static final String[] SHAPES = {
    "usual",
    "messages",
    "nested",
    "violations",
    "codes",
    "long-message",
    "chinese",
    "pasted",
    "page",
    "durations",
    "events"
  };

  private static long size(ProviderResponse answer) {
    long size = answer.body().length;
    for (Map.Entry<String, List<String>> header : answer.headers().all().entrySet()) {
      size += header.getKey().length() + header.getValue().stream().mapToInt(String::length).sum();
    }
    return size;
  }

  private static void check(String provider, ProviderResponse answer, Random random) {
    long now = random.nextLong(4_000_000_000_000L);
    long before = Visits.count;
    Classification judgement = COUNTED.judge(provider, answer, now);
    COUNTED.read(provider, answer.headers(), now);
    long visits = Visits.count - before;

    assertThat(visits)
        .as("visits for %d bytes", size(answer))
        .isLessThanOrEqualTo(A_BYTE * size(answer) + AT_LEAST);
    assertThat(judgement).isEqualTo(new Classifier().judge(provider, answer, now));
    int attempts = 1 + random.nextInt(6);
    RetryDecision verdict =
        RetryRules.decide(
            POLICY,
            new CallSoFar(
                attempts,
                1 + random.nextInt(attempts),
                1,
                random.nextLong(100 * SECOND),
                random.nextLong(200 * SECOND),
                true,
                true),
            judgement,
            random.nextDouble());
    if (verdict instanceof RetryDecision.Retry retry) {
      // A hint that is allowed may be jittered past the bound, but by no more than that.
      assertThat(retry.waitNanos()).isBetween(0L, (long) (60 * SECOND * 1.25));
    }
  }

  private static String provider(Random random, String own) {
    return random.nextInt(3) == 0 ? "auto" : own;
  }

  @Property(tries = 10_000)
  void mutatedBodies(@ForAll long seed) {
    Random random = new Random(seed);
    LenientJson.Node sample =
        ProviderPropertyTest.CASES.get(random.nextInt(ProviderPropertyTest.CASES.size()));
    byte[] body = ProviderPropertyTest.mutated(sample, random);
    check(
        provider(random, sample.get("provider").text()),
        new ProviderResponse(
            random.nextBoolean()
                ? Integer.parseInt(sample.get("status").text())
                : 100 + random.nextInt(500),
            TestHeaders.of(sample.get("headers")),
            body,
            random.nextInt(4) > 0),
        random);
  }

  @Property(tries = 10_000)
  void generatedHeaderValues(@ForAll long seed) {
    Random random = new Random(seed);
    String[] headers = new String[2 * (1 + random.nextInt(6))];
    for (int i = 0; i < headers.length; i += 2) {
      headers[i] = HEADERS[random.nextInt(HEADERS.length)];
      headers[i + 1] = value(random);
    }
    Headers made = TestHeaders.of(headers);
    String own =
        ProviderPropertyTest.CASES
            .get(random.nextInt(ProviderPropertyTest.CASES.size()))
            .get("provider")
            .text();
    int status = random.nextInt(3) == 0 ? 200 : random.nextBoolean() ? 429 : 503;
    check(provider(random, own), new ProviderResponse(status, made, new byte[0], true), random);
  }

  /** The largest that is read, shaped as badly as bodies can be. */
  @Property(tries = 200)
  void bodiesOf64KiB(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] body = ClassifierBenchmark.body(SHAPES[random.nextInt(SHAPES.length)]);
    for (int i = random.nextInt(5); i > 0; i--) {
      body[random.nextInt(body.length)] = (byte) "{}[]\",:0\\".charAt(random.nextInt(9));
    }
    check(
        "auto",
        new ProviderResponse(429, TestHeaders.of("retry-after", "2"), body, random.nextBoolean()),
        random);
  }

  private static final String[] HEADERS = {
    "retry-after",
    "retry-after-ms",
    "x-ms-retry-after-ms",
    "date",
    "x-should-retry",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
    "x-ratelimit-renewalperiod-tokens",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "ratelimit",
    "ratelimit-policy",
    "anthropic-ratelimit-input-tokens-limit",
    "anthropic-ratelimit-input-tokens-remaining",
    "anthropic-ratelimit-input-tokens-reset",
    "azure-openai-deployment-utilization",
    "llm_provider-retry-after",
    "content-type"
  };

  private static String value(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> String.valueOf(random.nextLong());
      case 1 -> String.valueOf(random.nextInt(100));
      case 2 -> random.nextInt(100) + "." + random.nextInt(1_000_000) + "s";
      case 3 -> random.nextInt(60) + "m" + random.nextInt(60) + "s";
      case 4 ->
          new String[] {"NaN", "-1", "-0", "", "Infinity", "1e309", "0x10", "٣"}[random.nextInt(8)];
      case 5 -> "2025-03-0" + random.nextInt(10) + "T10:20:" + random.nextInt(70) + "Z";
      case 6 -> "Tue, 0" + random.nextInt(10) + " Mar 2025 10:20:30 GMT";
      case 7 -> "\"a\";q=" + random.nextInt(1_000) + ";w=60, ".repeat(random.nextInt(100));
      default -> {
        byte[] bytes = new byte[random.nextInt(2_000)];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (' ' + random.nextInt(95));
        }
        yield new String(bytes, StandardCharsets.US_ASCII);
      }
    };
  }
}
