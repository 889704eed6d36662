package dev.paceline.provider.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.Classifier;
import dev.paceline.provider.TestHeaders;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The IETF's draft fields in all generations, and header families that nobody documents. */
class IetfFieldsTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;
  private static final long DAY = 86_400_000;

  private static List<LimitReading> read(String... headers) {
    return LimitHeaders.read("generic", TestHeaders.of(headers), NOW);
  }

  @Test
  void draftSixHasItsPoliciesBehindTheLimit() {
    assertThat(
            read(
                "RateLimit-Limit",
                "100, 100;w=60",
                "RateLimit-Remaining",
                "40",
                "RateLimit-Reset",
                "30"))
        .containsExactly(new LimitReading(Limit.RPM, 100, 40, 30_000, MINUTE));
    assertThat(
            read(
                "RateLimit-Limit",
                "10, 10;w=1, 50;w=60, 1000;w=3600, 5000;w=86400;comment=\"a, b\"",
                "RateLimit-Remaining",
                "9"))
        .containsExactly(new LimitReading(Limit.RPM, 10, 9, -1, 1_000));
    assertThat(
            read(
                "ratelimit-limit",
                "1000",
                "ratelimit-policy",
                "10;w=1, 1000;w=86400",
                "ratelimit-remaining",
                "7"))
        .as("the policy of the same quota is the one that is counted down")
        .containsExactly(new LimitReading(Limit.RPD, 1_000, 7, -1, DAY));
  }

  @Test
  void draftSevenIsADictionary() {
    assertThat(
            read("RateLimit", "limit=100, remaining=40, reset=30", "RateLimit-Policy", "100;w=60"))
        .containsExactly(new LimitReading(Limit.RPM, 100, 40, 30_000, MINUTE));
    assertThat(read("RateLimit", "limit=100,remaining=40,reset=30"))
        .containsExactly(new LimitReading(Limit.RPM, 100, 40, 30_000, -1));
    assertThat(read("RateLimit", "remaining=0, limit=5;w=3600, reset=1700000030"))
        .as("a moment in place of seconds")
        .containsExactly(new LimitReading(Limit.RPD, 5, 0, 30_000, 3_600_000));
  }

  @Test
  void draftEightNamesItsPolicies() {
    assertThat(
            read(
                "RateLimit",
                "\"burst\";r=3, \"daily\";r=0;t=3600",
                "RateLimit-Policy",
                "\"burst\";q=10;w=1,\"daily\";q=1000;w=86400"))
        .containsExactly(
            new LimitReading(Limit.RPM, 10, 3, -1, 1_000),
            new LimitReading(Limit.RPD, 1_000, 0, 3_600_000, DAY));
    assertThat(
            read(
                "RateLimit",
                "\"second\";r=9;t=1, \"minute\";r=2;t=40",
                "RateLimit-Policy",
                "\"second\";q=10;w=1,\"minute\";q=100;w=60"))
        .as("of two of the same kind the one of which the least is left")
        .containsExactly(new LimitReading(Limit.RPM, 100, 2, 40_000, MINUTE));
    assertThat(
            read(
                "RateLimit",
                "\"a\";r=60;t=9",
                "RateLimit-Policy",
                "\"a\";q=100;w=60;qu=\"tokens\";pk=:c2s=:"))
        .containsExactly(new LimitReading(Limit.TPM, 100, 60, 9_000, MINUTE));
  }

  @Test
  void aPolicyOfRequestsInFlightIsNoRate() {
    assertThat(
            read(
                "RateLimit",
                "\"c\";r=0;t=1",
                "RateLimit-Policy",
                "\"c\";q=100;qu=\"concurrent-requests\""))
        .containsExactly(new LimitReading(Limit.CONCURRENCY, 100, 0, 1_000, -1));
    assertThat(
            read(
                "x-ratelimit-limit-concurrent-requests",
                "8",
                "x-ratelimit-remaining-concurrent-requests",
                "3"))
        .containsExactly(new LimitReading(Limit.CONCURRENCY, 8, 3, -1, -1));
  }

  @Test
  void familiesThatNobodyDocumentsAreRead() {
    LimitReading tokens = new LimitReading(Limit.TPM, 1_000, 40, -1, MINUTE);
    for (String[] names :
        new String[][] {
          {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens"},
          {"x-ratelimit-tokens-limit", "x-ratelimit-tokens-remaining"},
          {"x-rate-limit-limit-tokens", "x-rate-limit-remaining-tokens"},
          {"ratelimit-limit-tokens", "ratelimit-remaining-tokens"},
          {"X-TPM-Limit", "X-TPM-Limit-Remaining"},
          {"X-TPM-Limit-Max", "X-TPM-Remaining"},
          {"x-acme-tokens-minute-limit", "x-acme-tokens-minute-remaining"},
          {"llm_provider-x-ratelimit-limit-tokens", "llm_provider-x-ratelimit-remaining-tokens"}
        }) {
      assertThat(read(names[0], "1000", names[1], "40"))
          .as(names[0] + " " + names[1])
          .containsExactly(tokens);
    }
    assertThat(read("X-TPM-Limit-Max", "1000", "X-TPM-Limit-Used", "960"))
        .as("half a family paces nothing")
        .isEmpty();
    assertThat(read("X-Request-Size-Limit", "1000", "X-Request-Size-Remaining", "40")).isEmpty();
  }

  @Test
  void hostileValuesAreNoFiguresAndThrowNothing() {
    List<String> names =
        List.of(
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "x-rate-limit-reset-tokens",
            "RateLimit",
            "RateLimit-Policy",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
            "X-TPM-Limit-Max",
            "X-TPM-Limit-Used",
            "anthropic-ratelimit-tokens-reset",
            "retry-after",
            "date",
            "policy-id",
            "x-ratelimit-scope");
    List<String> values =
        List.of(
            "-1",
            "0",
            "NaN",
            "Infinity",
            "1e308",
            "9223372036854775808",
            "18446744073709551616",
            "0x10",
            "\"",
            "\"a;q=1",
            ";;;,,,==",
            "\"a\";q=9223372036854775808;w=-1;t=NaN;r=2e9",
            "limit=-1, remaining=NaN, reset=9223372036854775807",
            "9999999999999",
            "Fri, 31 Feb 2025 25:61:61 GMT",
            "2025-13-45T99:99:99Z",
            "\u0661\u0662",
            "x".repeat(1_000_000));
    for (String provider : List.of("generic", "openai", "azure-openai", "anthropic", "together")) {
      for (String name : names) {
        for (String value : values) {
          Headers headers = TestHeaders.of(name, value, "x-ratelimit-remaining-tokens", value);
          for (LimitReading reading : LimitHeaders.read(provider, headers, NOW)) {
            assertThat(reading.limitValue()).as(name + value).isGreaterThanOrEqualTo(-1);
            assertThat(reading.remaining()).as(name + value).isGreaterThanOrEqualTo(-1);
            assertThat(reading.resetMillis()).as(name + value).isGreaterThanOrEqualTo(-1);
          }
          Classification judgement =
              new Classifier()
                  .judge(provider, new ProviderResponse(429, headers, new byte[0], true), NOW);
          assertThat(judgement.kind()).as(name).isEqualTo(Classification.Kind.LIMITED);
          assertThat(judgement.why()).as("not the fallback").startsWith("limit hit");
          assertThat(judgement.waitMillis()).as(name + value).isGreaterThanOrEqualTo(-1);
        }
      }
    }
  }

  @Test
  void tenThousandHeadersAreReadInPart() {
    Map<String, List<String>> many = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      many.put("x-ratelimit-remaining-tokens-" + i, List.of("1"));
    }
    Headers headers =
        new Headers() {
          @Override
          public String first(String name) {
            return null;
          }

          @Override
          public Map<String, List<String>> all() {
            return many;
          }
        };
    List<LimitReading> readings = new ArrayList<>(LimitHeaders.read("openai", headers, NOW));
    assertThat(readings).hasSizeBetween(1, 100);
  }
}
