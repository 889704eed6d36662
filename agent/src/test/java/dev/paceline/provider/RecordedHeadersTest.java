package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.error.LenientJson;
import dev.paceline.provider.header.LimitHeaders;
import dev.paceline.provider.scope.Scopes;
import dev.paceline.words.Classification;
import dev.paceline.words.Classification.Kind;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Headers of served answers, value by value: what {@link dev.paceline.provider.header.LimitHeaders}
 * makes of a line is held against a second reading of it, made in here by simpler means from the
 * providers' own documentation, which knows nothing but these headers.
 */
class RecordedHeadersTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;
  private static final long DAY = 24 * 60 * MINUTE;
  private static final Pattern ANTHROPIC =
      Pattern.compile("anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-[a-z]+");
  private static final Pattern COMMON =
      Pattern.compile("x-ratelimit-(?:limit|remaining)-([a-z0-9-]+)");
  private static final Pattern GO = Pattern.compile("([0-9.]+)(h|ms|m|s|us|µs)");

  private record What(Limit limit, long window) {}

  /** What follows {@code x-ratelimit-limit-} where the name says it all. */
  private static final Map<String, What> NAMED =
      Map.of(
          "tokens", new What(Limit.TPM, MINUTE),
          "req-minute", new What(Limit.RPM, MINUTE),
          "req-10-second", new What(Limit.RPM, 10_000),
          "tokens-minute", new What(Limit.TPM, MINUTE),
          "tokens-month", new What(Limit.TPD, 30 * DAY),
          "audio-seconds-minute", new What(Limit.UNKNOWN, MINUTE),
          "input-characters-minute", new What(Limit.UNKNOWN, MINUTE),
          "ocr-pages-minute", new What(Limit.UNKNOWN, MINUTE),
          "requests-day", new What(Limit.RPD, DAY));

  private static long number(@Nullable String text) {
    return text == null ? -1 : Long.parseLong(text);
  }

  private static long clock(Map<String, String> headers) {
    String date = headers.get("date");
    return date == null
        ? NOW
        : ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant()
            .toEpochMilli();
  }

  private static long goMillis(String text) {
    BigDecimal millis = BigDecimal.ZERO;
    Matcher part = GO.matcher(text);
    while (part.find()) {
      BigDecimal unit =
          switch (part.group(2)) {
            case "h" -> BigDecimal.valueOf(60 * MINUTE);
            case "m" -> BigDecimal.valueOf(MINUTE);
            case "s" -> BigDecimal.valueOf(1_000);
            case "ms" -> BigDecimal.ONE;
            default -> new BigDecimal("0.001");
          };
      millis = millis.add(new BigDecimal(part.group(1)).multiply(unit));
    }
    return millis
        .longValue(); // whole milliseconds; a reset is no wait, so what is cut off is nothing
  }

  private static List<LimitReading> expected(String provider, Map<String, String> headers) {
    Set<String> names = new LinkedHashSet<>();
    Pattern pattern = provider.equals("anthropic") ? ANTHROPIC : COMMON;
    for (String name : headers.keySet()) {
      Matcher matcher = pattern.matcher(name);
      if (matcher.matches()) {
        names.add(matcher.group(1));
      }
    }
    List<LimitReading> all = new ArrayList<>();
    for (String name : names) {
      LimitReading reading =
          provider.equals("anthropic") ? anthropic(name, headers) : common(provider, name, headers);
      if (reading.limitValue() != 0 && (reading.limitValue() > 0 || reading.remaining() >= 0)) {
        all.add(reading);
      }
    }
    if (provider.equals("together") && headers.containsKey("x-ratelimit-limit")) {
      all.add(
          new LimitReading(
              Limit.RPM,
              number(headers.get("x-ratelimit-limit")),
              number(headers.get("x-ratelimit-remaining")),
              -1,
              -1));
    }
    if (headers.containsKey("x-trial-endpoint-call-limit")) { // Cohere's, of a trial key
      String calls = "x-trial-endpoint-call-";
      long remaining = number(headers.get(calls + "remaining"));
      long limit = number(headers.get(calls + "limit"));
      if (limit >= 0 || remaining >= 0) {
        all.add(new LimitReading(Limit.RPM, limit, remaining, -1, MINUTE));
      }
      long monthly = number(headers.get("x-endpoint-monthly-call-limit"));
      if (monthly >= 0) {
        all.add(new LimitReading(Limit.RPD, monthly, -1, -1, 30 * DAY));
      }
    }
    return all;
  }

  private static LimitReading anthropic(String name, Map<String, String> headers) {
    String prefix = "anthropic-ratelimit-" + name;
    Limit limit =
        switch (name) {
          case "requests" -> Limit.RPM;
          case "tokens" -> Limit.TPM;
          case "input-tokens" -> Limit.ITPM;
          default -> Limit.OTPM;
        };
    long full = Instant.parse(headers.get(prefix + "-reset")).toEpochMilli();
    return new LimitReading(
        limit,
        number(headers.get(prefix + "-limit")),
        number(headers.get(prefix + "-remaining")),
        Math.max(0, full - clock(headers)),
        MINUTE);
  }

  private static LimitReading common(String provider, String name, Map<String, String> headers) {
    long limit = number(headers.get("x-ratelimit-limit-" + name));
    long remaining = number(headers.get("x-ratelimit-remaining-" + name));
    String reset = headers.get("x-ratelimit-reset-" + name);
    What what = NAMED.get(name);
    long millis =
        switch (provider) {
          case "azure-openai" ->
              reset == null ? -1 : azureMillis(Long.parseLong(reset), limit, remaining);
          case "mistral" -> name.endsWith("minute") ? MINUTE - clock(headers) % MINUTE : -1;
          case "cerebras" -> new BigDecimal(reset).movePointRight(3).longValueExact();
          default -> reset == null ? -1 : goMillis(reset);
        };
    if (what == null) {
      assertThat(name).isEqualTo("requests");
      boolean ofDay =
          provider.equals("groq")
              || (provider.equals("openai")
                  && limit > remaining
                  && millis * (limit / (limit - remaining)) > DAY / 2);
      what = ofDay ? new What(Limit.RPD, DAY) : new What(Limit.RPM, MINUTE);
    }
    boolean byTheClock = provider.equals("mistral") && what.window() == MINUTE;
    return new LimitReading(what.limit(), limit, remaining, millis, what.window(), byTheClock);
  }

  /** Either unit may stand there; a full bucket needs a minute, so one of them is far off. */
  private static long azureMillis(long reset, long limit, long remaining) {
    double fraction = (limit - remaining) / (double) limit;
    return reset > MINUTE * fraction * 2 || reset == 0 || reset * 1_000 > MINUTE * fraction * 50
        ? reset
        : reset * 1_000;
  }

  private static @Nullable String owner(String provider, Map<String, String> headers) {
    String organisation =
        headers.get(
            provider.equals("anthropic") ? "anthropic-organization-id" : "openai-organization");
    String project = headers.get("openai-project");
    return switch (provider) {
      case "anthropic" -> organisation;
      case "openai" ->
          organisation == null
              ? project
              : project == null ? organisation : organisation + "/" + project;
      default -> null;
    };
  }

  /** Null when the line is read as it should be. */
  private static @Nullable String wrong(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    LenientJson.Node node = LenientJson.parse(bytes, 0, bytes.length);
    assertThat(node).as(line).isNotNull();
    String provider = node.get("provider").text();
    Headers headers = TestHeaders.of(node.get("headers"));
    Map<String, String> plain = new LinkedHashMap<>();
    headers.all().forEach((name, values) -> plain.put(name, values.get(0)));

    List<LimitReading> read = LimitHeaders.read(provider, headers, NOW);
    List<LimitReading> expected = expected(provider, plain);
    if (read.size() != expected.size() || !read.containsAll(expected)) {
      return "limits " + read + "\n instead of " + expected;
    }
    String organisation = Scopes.organisation(provider, headers);
    if (!java.util.Objects.equals(organisation, owner(provider, plain))) {
      return "organisation " + organisation;
    }
    int status = Integer.parseInt(node.get("status").text());
    Classification judgement =
        new Classifier()
            .judge(provider, new ProviderResponse(status, headers, new byte[0], true), NOW);
    return judgement.kind() == Kind.SERVED
            && judgement.limit() == null
            && judgement.waitMillis() == Classification.NO_HINT
        ? null
        : "judged " + judgement;
  }

  private static void readAsTheyAreMeant(List<String> lines) {
    List<String> wrong = new ArrayList<>();
    for (String line : lines) {
      String found = wrong(line);
      if (found != null) {
        wrong.add(line + "\n " + found);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void ourOwnLinesAreReadValueByValue() throws IOException {
    try (var in = RecordedHeadersTest.class.getResourceAsStream("success-headers.jsonl")) {
      assertThat(in).isNotNull();
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(lines).hasSizeGreaterThan(15);
      readAsTheyAreMeant(lines);
    }
  }

  @Test
  void everyRecordedLineIsReadValueByValue() throws IOException {
    Path file = Samples.file("recordings/success-headers.jsonl");
    if (file == null) {
      Assumptions.abort("no shared recordings");
      return;
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSizeGreaterThan(300);
    readAsTheyAreMeant(lines);
  }
}
