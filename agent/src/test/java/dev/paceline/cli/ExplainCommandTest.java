package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Classification;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainCommandTest {
  private static final long NOW = 1_700_000_000_000L;

  private final Terminal terminal = new Terminal();
  private final List<String> providers = new ArrayList<>();
  private final List<ProviderResponse> answers = new ArrayList<>();
  private Classification judgement =
      new Classification(Classification.Kind.LIMITED, Limit.TPM, true, 1146, false, "says \"so\"");
  private Advisor.Advice advice = new Advisor.Advice("retry", OptionalLong.of(1146), "told so");

  private ExplainCommand command() {
    return new ExplainCommand(
        (provider, answer, now) -> {
          assertThat(now).isEqualTo(NOW);
          providers.add(provider);
          answers.add(answer);
          return judgement;
        },
        (provider, answer, given) -> {
          assertThat(given).isSameAs(judgement);
          return advice;
        },
        url -> url.startsWith("https://api.anthropic.com/") ? "anthropic" : "",
        () -> NOW);
  }

  private int explain(String lines, String... args) {
    return command().run(args, terminal.console(lines));
  }

  private String body() {
    return new String(answers.get(0).body(), StandardCharsets.UTF_8);
  }

  @Test
  void everyAnswerBecomesOneLineOfJson() {
    String line =
        "{\"provider\":\"openai\",\"status\":429,\"headers\":{\"Retry-After\":\"2\"},\"body\":\"{}\"}";

    assertThat(explain(line + "\n\n" + line)).isZero();
    assertThat(terminal.lines())
        .hasSize(2)
        .containsOnly(
            "{\"limit\":\"tpm\",\"retryable\":true,\"wait_ms\":1146,\"action\":\"retry\",\"action_wait_ms\":1146,\"action_why\":\"told so\",\"why\":\"says \\\"so\\\"\"}");
    assertThat(providers).containsExactly("openai", "openai");
    assertThat(answers.get(0).status()).isEqualTo(429);
    assertThat(answers.get(0).headers().first("retry-after")).isEqualTo("2");
    assertThat(answers.get(0).complete()).isTrue();
    assertThat(body()).isEqualTo("{}");
  }

  @Test
  void whatIsNotThereIsNull() {
    judgement =
        new Classification(
            Classification.Kind.SERVED, null, false, Classification.NO_HINT, false, "served");
    advice = new Advisor.Advice("deliver", OptionalLong.empty(), "fine");

    assertThat(explain("{\"status\":200}")).isZero();
    assertThat(terminal.lines())
        .containsExactly(
            "{\"limit\":null,\"retryable\":false,\"wait_ms\":null,\"action\":\"deliver\",\"action_wait_ms\":null,\"action_why\":\"fine\",\"why\":\"served\"}");
    assertThat(providers).containsExactly("");
    assertThat(answers.get(0).headers().all()).isEmpty();
    assertThat(body()).isEmpty();
  }

  @Test
  void aWaitOfZeroIsNotTheSameAsNone() {
    judgement = new Classification(Classification.Kind.LIMITED, Limit.RPM, true, 0, false, "now");
    advice = new Advisor.Advice("retry", OptionalLong.of(0), "told so");

    explain("{\"status\":429}");
    assertThat(terminal.out()).contains("\"wait_ms\":0,").contains("\"action_wait_ms\":0,");
  }

  @Test
  void headersMayBeArraysAndNumbersAndNull() {
    explain("{\"status\":429,\"headers\":{\"A\":[\"1\",\"2\"],\"b\":3},\"provider\":null}");

    assertThat(answers.get(0).headers().all())
        .containsEntry("A", List.of("1", "2"))
        .containsEntry("b", List.of("3"));
    assertThat(answers.get(0).headers().first("a")).isEqualTo("1");
    assertThat(answers.get(0).headers().first("c")).isNull();
  }

  @Test
  void aBodyMayBeJsonItselfAndIsNotChanged() {
    explain(
        "{\"status\":429,\"body\":{\"error\":{\"n\":1.10,\"t\":\"ä额\",\"x\":null,\"l\":[true,1e5]}}}");

    assertThat(body())
        .isEqualTo("{\"error\":{\"n\":1.10,\"t\":\"ä额\",\"x\":null,\"l\":[true,1e5]}}");
  }

  @Test
  void aBodyIsCutWhereTheAgentStopsReading() {
    explain("{\"status\":429,\"body\":\"" + "x".repeat(70_000) + "\"}");

    assertThat(answers.get(0).body()).hasSize(65_536);
    assertThat(answers.get(0).complete()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "[]",
        "{",
        "{}",
        "{\"status\":\"429\"}",
        "{\"status\":42}",
        "{\"status\":429.5}",
        "{\"status\":429} x",
        "{\"status\":429,\"headers\":[]}",
        "{\"status\":429,\"headers\":{\"a\":{}}}",
        "\"\\ud800",
        "{\"status\":1e999}"
      })
  void aMalformedLineIsAnErrorAndTheNextOneStillCounts(String malformed) {
    assertThat(explain("{\"status\":429}\n" + malformed + "\n{\"status\":429}"))
        .isEqualTo(Command.FAILED);
    assertThat(terminal.lines()).hasSize(3);
    assertThat(terminal.lines().get(1))
        .startsWith("{\"error\":\"line 2: ")
        .doesNotContain("nonsense");
    assertThat(answers).hasSize(2);
  }

  @Test
  void aBugInTheClassifierCostsOneLineOnly() {
    ExplainCommand broken =
        new ExplainCommand(
            (provider, answer, now) -> {
              throw new IllegalStateException("canary");
            },
            (provider, answer, given) -> advice,
            url -> "",
            () -> NOW);

    assertThat(broken.run(new String[0], terminal.console("{\"status\":429}\n{\"status\":429}")))
        .isEqualTo(Command.FAILED);
    assertThat(terminal.lines())
        .hasSize(2)
        .allMatch(line -> line.contains("IllegalStateException"));
  }

  @Test
  void linesMayComeFromAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("answers"), "{\"status\":429}\n");

    assertThat(explain("ignored", file.toString())).isZero();
    assertThat(terminal.lines()).hasSize(1);
    assertThat(explain("", folder.resolve("none").toString())).isEqualTo(Command.FAILED);
    assertThat(terminal.err()).contains("cannot read");
    assertThat(explain("", "a", "b")).isEqualTo(Command.USAGE);
  }

  @Test
  void whatCurlPrintedIsRead() {
    String curl =
        """
        HTTP/1.1 100 Continue

        HTTP/2 429\s
        content-type: application/json
        retry-after: 2
        x-limit: a
        X-Limit: b

        {"error":
         {"code":"rate_limit_exceeded"}}
        """;

    assertThat(explain(curl.replace("\n", "\r\n"), "--provider", "groq")).isZero();
    assertThat(terminal.lines()).hasSize(1);
    assertThat(providers).containsExactly("groq");
    assertThat(answers.get(0).status()).isEqualTo(429);
    assertThat(answers.get(0).headers().first("Retry-After")).isEqualTo("2");
    assertThat(body()).isEqualTo("{\"error\":\n {\"code\":\"rate_limit_exceeded\"}}");
  }

  @Test
  void severalAnswersOfCurlAreReadOneAfterTheOther() {
    explain("HTTP/1.1 429 Too Many Requests\na: 1\n\nslow down\nHTTP/1.1 200 OK\n\n{}\n");

    assertThat(answers).extracting(ProviderResponse::status).containsExactly(429, 200);
    assertThat(body()).isEqualTo("slow down");
  }

  @Test
  void aHarFileIsReadAndItsUrlsNameTheProvider() {
    String har =
        """
        {"log":{"version":"1.2","entries":[
          {"request":{"method":"POST","url":"https://api.anthropic.com/v1/messages"},
           "response":{"status":429,"headers":[{"name":"retry-after","value":"7"},{"name":":status","value":"429"}],
                       "content":{"size":2,"text":"{}"}}},
          {"request":{"url":"https://example.com/"},"response":{"status":0,"headers":[]}},
          {"request":{"url":"https://example.com/"},"response":{"status":503,"headers":[]}}]}}
        """;

    assertThat(explain(har)).isZero();
    assertThat(terminal.lines()).hasSize(2);
    assertThat(providers).containsExactly("anthropic", "");
    assertThat(answers.get(0).headers().all()).containsOnlyKeys("retry-after");
    assertThat(body()).isEqualTo("{}");
  }

  @Test
  void oneAnswerMayTakeSeveralLines() {
    assertThat(explain("{\n \"status\": 429,\n \"body\": \"x\"\n}\n", "--provider", "groq"))
        .isZero();
    assertThat(providers).containsExactly("groq");
    assertThat(body()).isEqualTo("x");
  }

  @Test
  void nothingToReadIsFine() {
    assertThat(explain("")).isZero();
    assertThat(terminal.out()).isEmpty();
  }

  @Property
  void noLineEndsTheCommand(@ForAll String line) {
    Terminal own = new Terminal();
    int status = command().run(new String[0], own.console(line + "\n{\"status\":429}"));

    assertThat(status).isIn(Command.OK, Command.FAILED);
    assertThat(own.lines()).last().asString().startsWith("{\"limit\":\"tpm\"");
  }
}
