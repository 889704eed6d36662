package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.catalog.Providers;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.words.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DialectsTest {
  @Test
  void headersThatOnlyOneSendsTellTheDialect() {
    assertThat(Dialects.recognise(TestHeaders.of("Anthropic-RateLimit-Requests-Limit", "1")))
        .isEqualTo("anthropic");
    assertThat(Dialects.recognise(TestHeaders.of("x-ratelimit-renewalperiod-tokens", "60")))
        .isEqualTo("azure-openai");
    assertThat(Dialects.recognise(TestHeaders.of("mistral-correlation-id", "x")))
        .isEqualTo("mistral");
  }

  @Test
  void aGatewayOutweighsWhatItForwards() {
    assertThat(
            Dialects.recognise(
                TestHeaders.of("openai-version", "2020-10-01", "x-litellm-call-id", "x")))
        .isEqualTo("litellm-proxy");
  }

  @Test
  void namesThatEverybodyCopiesTellNothing() {
    assertThat(
            Dialects.recognise(
                TestHeaders.of(
                    "x-ratelimit-limit-requests",
                    "1",
                    "x-request-id",
                    "r",
                    "retry-after",
                    "1",
                    "content-type",
                    "application/json")))
        .isNull();
    assertThat(Dialects.recognise(Headers.NONE)).isNull();
  }

  @Test
  void everySignNamesAProvider() {
    // A wrong id would make the learned dialect one that nobody speaks.
    for (String name :
        new String[] {
          "x-litellm-a",
          "llm_provider-a",
          "cf-aig-step",
          "anthropic-organization-id",
          "x-ms-deployment-name",
          "openai-organization",
          "x-gemini-service-tier",
          "x-amzn-bedrock-input-token-count",
          "x-groq-region",
          "x-trial-endpoint-call-limit",
          "x-ds-trace-id",
          "x-ppl-region",
          "x-generation-id",
          "x-tokenlimit-limit-dynamic",
          "x-ratelimit-limit-tokens-cache-adjusted-prompt",
          "x-ratelimit-limit-requests-hour",
          "x-ratelimit-timeremaining"
        }) {
      String id = Dialects.recognise(TestHeaders.of(name, "1"));
      assertThat(id).as(name).isNotNull();
      assertThat(Providers.find(id)).as(name).hasToString(id);
    }
  }

  @Test
  void noRecordedAnswerIsTakenForAnothers() throws IOException {
    Path file = Samples.file("recordings/success-headers.jsonl");
    if (file == null) {
      Assumptions.abort("no shared recordings");
      return;
    }
    Map<String, Integer> told = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      LenientJson.Node node = LenientJson.parse(bytes, 0, bytes.length);
      if (node == null) {
        continue;
      }
      String id = Dialects.recognise(TestHeaders.of(node.get("headers")));
      if (id != null) {
        assertThat(id).as(line).isEqualTo(node.get("provider").text());
        told.merge(id, 1, Integer::sum);
      }
    }
    assertThat(told).containsKeys("anthropic", "azure-openai", "openai", "mistral");
  }
}
