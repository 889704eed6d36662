package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.error.ErrorFacts;
import dev.paceline.provider.error.ErrorReader;
import dev.paceline.provider.error.ErrorText;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.tokens.ModelReader;
import dev.paceline.words.Classification;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever a server sends: no exception out of the real code path, and a wait that is none or not
 * negative.
 */
class ProviderPropertyTest {
  private static final Classifier CLASSIFIER = new Classifier();
  static final List<LenientJson.Node> CASES = cases();

  private static List<LenientJson.Node> cases() {
    try (var in = ProviderPropertyTest.class.getResourceAsStream("answers.jsonl")) {
      if (in == null) {
        throw new IllegalStateException("answers.jsonl");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.getBytes(StandardCharsets.UTF_8))
          .map(line -> java.util.Objects.requireNonNull(LenientJson.parse(line, 0, line.length)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Property(tries = 10_000)
  void mutatedBodiesAreJudgedWithoutAFault(@ForAll long seed) {
    Random random = new Random(seed);
    LenientJson.Node sample = CASES.get(random.nextInt(CASES.size()));
    byte[] body = mutated(sample, random);
    int status =
        random.nextBoolean()
            ? Integer.parseInt(sample.get("status").text())
            : 100 + random.nextInt(500);
    ProviderResponse answer =
        new ProviderResponse(
            status, TestHeaders.of(sample.get("headers")), body, random.nextInt(4) > 0);
    String provider = random.nextBoolean() ? sample.get("provider").text() : "";
    // judged(), not judge(): the barrier around it would hide a fault.
    check(Classifier.judged(Providers.find(provider), answer, random.nextLong()));
  }

  /** A sample's body with a few bytes changed, cut or doubled. */
  static byte[] mutated(LenientJson.Node sample, Random random) {
    byte[] body = sample.get("body").text().getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(6); i >= 0 && body.length > 0; i--) {
      int at = random.nextInt(body.length);
      switch (random.nextInt(4)) {
        case 0 -> body[at] = (byte) random.nextInt(256);
        case 1 -> body = java.util.Arrays.copyOf(body, at);
        case 2 -> body[at] = (byte) "{}[]\",:0\\".charAt(random.nextInt(9));
        default -> {
          byte[] twice = new byte[body.length + body.length - at];
          System.arraycopy(body, 0, twice, 0, body.length);
          System.arraycopy(body, at, twice, body.length, body.length - at);
          body = twice;
        }
      }
    }
    return body;
  }

  @Property(tries = 10_000)
  void everyHeaderValueIsReadWithoutAFault(
      @ForAll("headerValues") String value,
      @ForAll("headerNames") String name,
      @ForAll("ids") String provider) {
    ProviderResponse answer =
        new ProviderResponse(429, TestHeaders.of(name, value, "date", value), new byte[0], true);
    check(Classifier.judged(Providers.find(provider), answer, 0));
    for (LimitReading reading : LimitHeaders.read(provider, answer.headers(), 0)) {
      assertThat(reading.resetMillis()).isGreaterThanOrEqualTo(-1);
      assertThat(reading.remaining()).isGreaterThanOrEqualTo(-1);
      assertThat(reading.windowMillis()).isGreaterThanOrEqualTo(-1);
    }
  }

  /**
   * Judging searches what was kept of an answer for a fixed number of phrases, and reading goes
   * over its bytes once; so the work is at most so many times the body's length as there are
   * phrases, and from {@link dev.paceline.provider.error.ErrorText#MAX} on it does not grow any
   * more.
   */
  @Property(tries = 10_000)
  void whatIsSearchedOfABodyIsBounded(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] body = inflated(random);
    ErrorFacts facts = new ErrorReader().body(body).facts(429);
    long kept = facts.text().length() + facts.lower().length() + facts.codeWords().length();
    for (ErrorFacts.Violation violation : facts.violations()) {
      kept += violation.words().length();
    }
    assertThat(kept).isLessThanOrEqualTo(8L * body.length + 100);
    assertThat(facts.text().length()).isLessThanOrEqualTo(3 * ErrorText.MAX);
    assertThat(facts.lower().length()).isLessThanOrEqualTo(2 * ErrorText.MAX);
    assertThat(facts.codes().size()).isLessThanOrEqualTo(65);
    assertThat(facts.violations().size()).isLessThanOrEqualTo(64);
  }

  /** A sample, or a part of it, over and over, up to the largest body that is read. */
  private static byte[] inflated(Random random) {
    if (random.nextInt(8) == 0) {
      String[] shapes = {"messages", "nested", "violations", "codes", "chinese", "pasted", "page"};
      return ClassifierBenchmark.body(shapes[random.nextInt(shapes.length)]);
    }
    byte[] sample =
        CASES.get(random.nextInt(CASES.size())).get("body").text().getBytes(StandardCharsets.UTF_8);
    if (sample.length == 0) {
      return sample;
    }
    int from = random.nextInt(sample.length);
    int length = 1 + random.nextInt(sample.length - from);
    int times = 1 + random.nextInt(1 + 2_000 / length);
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.write(sample, 0, from);
    for (int i = 0; i < times; i++) {
      out.write(sample, from, length);
    }
    out.write(sample, from, sample.length - from);
    return out.toByteArray();
  }

  @Property(tries = 2_000)
  void anyBytesAreARequestBody(@ForAll byte[] body) {
    assertThat(
            ModelReader.read(
                    Providers.all().get(0).endpoint(dev.paceline.words.Operation.GENERATION),
                    body,
                    body.length)
                .model())
        .isNotEmpty();
  }

  @Property(tries = 5_000)
  void anyPathIsReadWithoutAFault(@ForAll("paths") String path, @ForAll("hosts") String host) {
    RECOGNIZER.recognise(host, 8000, path);
    MAPPED.recognise("any.corp", 1, path);
  }

  private static final Recognizer RECOGNIZER = new Recognizer();
  private static final Recognizer MAPPED =
      new Recognizer(
          MappedHosts.parse(
              "*.corp/a=bedrock,*.corp/b=azure,*.corp=vertex,any.corp=gemini,any.corp=cloudflare,any.corp=hf,any.corp=databricks"));

  private static void check(Classification judgement) {
    assertThat(judgement.waitMillis()).isGreaterThanOrEqualTo(Classification.NO_HINT);
    if (judgement.kind() == Classification.Kind.LIMITED) {
      assertThat(judgement.limit()).isNotNull();
    }
    if (judgement.limit() == Limit.QUOTA) {
      assertThat(judgement.retryable()).isFalse();
    }
  }

  @Provide
  Arbitrary<String> headerNames() {
    return Arbitraries.of(
        "retry-after",
        "Retry-After-Ms",
        "x-ms-retry-after-ms",
        "llm_provider-retry-after",
        "x-ratelimit-timeremaining",
        "x-ratelimit-reset",
        "ratelimit",
        "ratelimit-policy",
        "x-ratelimit-limit",
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-",
        "anthropic-ratelimit",
        "anthropic-priority-",
        "anthropic-fast-limit",
        "x-ratelimit-",
        "llm_provider-",
        "x-should-retry",
        "x-amzn-errortype",
        "content-type");
  }

  @Provide
  Arbitrary<String> headerValues() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "1",
            "0",
            "-",
            "99999999999999999999",
            "1779321600000",
            "1700000000",
            ".",
            "5",
            "s",
            "ms",
            "m",
            "h",
            "e9",
            " ",
            ";",
            ",",
            "w=",
            ";t=",
            ";r=0",
            "2025-03-15T12:58:20Z",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "NaN",
            "Infinity",
            "\"api\"",
            "-999999999-01-01T00:00:00Z");
    return Arbitraries.oneOf(
        pieces.list().ofMinSize(1).ofMaxSize(6).map(list -> String.join("", list)),
        Arbitraries.strings().ofMaxLength(80));
  }

  @Provide
  Arbitrary<String> ids() {
    return Arbitraries.of(Providers.all()).map(Provider::id);
  }

  @Provide
  Arbitrary<String> paths() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "/",
            "v1",
            "/v1",
            "/v1beta",
            "/models",
            "/model/",
            ":generateContent",
            ":",
            "/projects/",
            "/locations/",
            "p",
            "/converse",
            "/openai/deployments/",
            "%3A",
            "%",
            "/chat/completions",
            "/ai/run/",
            "/accounts/",
            "/client/v4/accounts/",
            "?",
            "/serving-endpoints",
            "/invocations",
            "/a",
            "/b",
            "/v1internal:");
    return Combinators.combine(
            Arbitraries.just(""), pieces.list().ofMaxSize(8).map(list -> String.join("", list)))
        .as((a, b) -> a + b);
  }

  @Provide
  Arbitrary<String> hosts() {
    return Arbitraries.of(
        "",
        ".",
        "api.openai.com",
        "generativelanguage.googleapis.com",
        "x-aiplatform.googleapis.com",
        "aiplatform.googleapis.com",
        "bedrock-runtime.x.amazonaws.com",
        "vpce-1.bedrock-runtime.x.vpce.amazonaws.com",
        "r.openai.azure.com",
        "gateway.ai.cloudflare.com",
        "api.cloudflare.com",
        "router.huggingface.co",
        "api-inference.huggingface.co",
        "w.azuredatabricks.net",
        "localhost",
        "models.github.ai");
  }
}
