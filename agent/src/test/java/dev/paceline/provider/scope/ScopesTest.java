package dev.paceline.provider.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.Recognizer;
import dev.paceline.provider.TestHeaders;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import dev.paceline.words.Scope;
import org.junit.jupiter.api.Test;

class ScopesTest {
  private static Scope scope(
      String provider, Operation operation, String owner, String... headers) {
    return Scopes.scope(
        new Endpoint(provider, operation, "", owner),
        "API.Example",
        TestHeaders.of(headers),
        "m",
        text -> text.hashCode() & 0xffffL);
  }

  @Test
  void theOwnerInTheUrlComesFirst() {
    assertThat(scope("vertex-ai", Operation.GENERATION, "p/eu", "authorization", "Bearer ya29.x"))
        .isEqualTo(new Scope("vertex-ai", "p/eu", "m"));
  }

  @Test
  void anAzureDeploymentIsTheSameInPathAndBody() {
    assertThat(scope("azure-openai", Operation.GENERATION, "res"))
        .isEqualTo(scope("azure-openai", Operation.GENERATION, "res/m"));
  }

  @Test
  void organisationAndProjectOfTheRequestComeBeforeTheCredential() {
    assertThat(
            scope(
                    "openai",
                    Operation.GENERATION,
                    "",
                    "OpenAI-Organization",
                    "org-a",
                    "OpenAI-Project",
                    "proj_b",
                    "Authorization",
                    "Bearer sk-1")
                .owner())
        .isEqualTo("org-a/proj_b");
  }

  @Test
  void aCredentialAppearsOnlyAsItsHash() {
    String secret = "sk-very-secret";
    String hash = "key:" + Long.toHexString(secret.hashCode() & 0xffffL);
    assertThat(
            scope("openai", Operation.GENERATION, "", "Authorization", "Bearer " + secret).owner())
        .isEqualTo(hash);
    assertThat(scope("anthropic", Operation.GENERATION, "", "x-api-key", secret).owner())
        .isEqualTo(hash);
    assertThat(scope("gemini", Operation.GENERATION, "", "X-Goog-Api-Key", secret).owner())
        .isEqualTo(hash);
    assertThat(scope("generic", Operation.GENERATION, "", "api-key", secret).owner())
        .isEqualTo(hash)
        .doesNotContain("secret");
  }

  @Test
  void shortLivedTokensNeverNameAScope() {
    for (String token :
        new String[] {
          "Bearer eyJhbGciOi",
          "Bearer ya29.a0",
          "AWS4-HMAC-SHA256 Credential=AKIA/x",
          "bearer sk-ant-oat01-x",
          " "
        }) {
      assertThat(scope("openai", Operation.GENERATION, "", "authorization", token).owner())
          .as(token)
          .isEqualTo("api.example");
    }
    assertThat(
            Scopes.scope(
                    new Endpoint("openai", Operation.GENERATION, "", ""),
                    "H",
                    Headers.NONE,
                    "m",
                    String::hashCode)
                .owner())
        .isEqualTo("h");
  }

  @Test
  void operationsWithLimitsOfTheirOwnHaveABudgetOfTheirOwn() {
    assertThat(scope("openai", Operation.EMBEDDING, "").model()).isEqualTo("m#embedding");
    assertThat(scope("openai", Operation.FINE_TUNING, "").model()).isEqualTo("m#fine_tuning");
    assertThat(scope("openai", Operation.GENERATION, "").model()).isEqualTo("m");
  }

  @Test
  void endpointsThatDoNotShareTheChatLimitsHaveScopesOfTheirOwn() {
    String[] paths = {
      "api.openai.com/v1/files",
      "api.openai.com/v1/batches",
      "api.openai.com/v1/models",
      "api.openai.com/v1/moderations",
      "api.openai.com/v1/responses/input_tokens",
      "api.anthropic.com/v1/messages/count_tokens",
      "api.anthropic.com/v1/messages/batches",
      "api.anthropic.com/v1/models",
      "generativelanguage.googleapis.com/v1beta/models/m:countTokens",
      "generativelanguage.googleapis.com/upload/v1beta/files",
      "us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/m:countTokens",
      "bedrock-runtime.us-east-1.amazonaws.com/model/m/count-tokens",
      "res.openai.azure.com/openai/v1/batches",
      "api.mistral.ai/v1/batch/jobs",
      "api.mistral.ai/v1/files",
      "api.groq.com/openai/v1/models",
      "api.cohere.com/v1/tokenize",
    };
    Recognizer recognizer = new Recognizer();
    for (String url : paths) {
      int slash = url.indexOf('/');
      Endpoint endpoint = recognizer.recognise(url.substring(0, slash), 443, url.substring(slash));
      assertThat(endpoint).as(url).isNotNull();
      Scope own = Scopes.scope(endpoint, "h", Headers.NONE, "m", String::hashCode);
      Scope chat =
          Scopes.scope(
              new Endpoint(endpoint.provider(), Operation.GENERATION, "", endpoint.owner()),
              "h",
              Headers.NONE,
              "m",
              String::hashCode);
      assertThat(own).as(url).isNotEqualTo(chat);
      assertThat(own.model()).as(url).startsWith("m#");
    }
  }

  @Test
  void theAnswersOrganisationIsRead() {
    assertThat(
            Scopes.organisation(
                "openai", TestHeaders.of("openai-organization", "o", "openai-project", "p")))
        .isEqualTo("o/p");
    assertThat(Scopes.organisation("anthropic", TestHeaders.of("Anthropic-Organization-Id", "u")))
        .isEqualTo("u");
    assertThat(Scopes.organisation("groq", TestHeaders.of("openai-organization", "o"))).isNull();
    assertThat(Scopes.organisation("nobody", Headers.NONE)).isNull();
  }
}
