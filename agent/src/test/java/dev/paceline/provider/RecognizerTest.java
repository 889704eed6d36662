package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.error.LenientJson;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class RecognizerTest {
  private static final Recognizer RECOGNIZER = new Recognizer();

  private static @Nullable Endpoint at(String url) {
    return at(RECOGNIZER, url);
  }

  private static @Nullable Endpoint at(Recognizer recognizer, String url) {
    int slash = url.indexOf('/');
    String host = url.substring(0, slash);
    int colon = host.startsWith("[") ? host.indexOf("]:") + 1 : host.indexOf(':');
    int port = colon <= 0 ? 443 : Integer.parseInt(host.substring(colon + 1));
    return recognizer.recognise(
        colon <= 0 ? host : host.substring(0, colon), port, url.substring(slash));
  }

  @Test
  void everyProviderIsRecognisedAtItsHosts() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String line : ProviderCases.urls()) {
      String[] parts = line.split(" ");
      Endpoint endpoint = at(parts[0]);
      if (endpoint == null
          || !endpoint.provider().equals(parts[1])
          || endpoint.operation() != Operation.valueOf(parts[2])) {
        wrong.add(line + " is " + endpoint);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void modelAndOwnerAreReadFromTheUrl() {
    Map<String, Endpoint> cases =
        Map.of(
            "My-Res.openai.azure.com/openai/deployments/gpt%2D4o/chat/completions?api-version=1",
            new Endpoint("azure-openai", Operation.GENERATION, "gpt-4o", "my-res/gpt-4o"),
            "res.openai.azure.com/openai/v1/embeddings",
            new Endpoint("azure-openai", Operation.EMBEDDING, "", "res"),
            "generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
            new Endpoint("gemini", Operation.GENERATION, "gemini-2.5-pro", ""),
            "us-east1-aiplatform.googleapis.com/v1/projects/p/locations/us-east1/publishers/anthropic/models/claude:streamRawPredict",
            new Endpoint("vertex-ai", Operation.GENERATION, "claude", "p/us-east1"),
            "aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google/models/text-embedding-004:predict",
            new Endpoint("vertex-ai", Operation.EMBEDDING, "text-embedding-004", "p/global"),
            "aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi/chat/completions",
            new Endpoint("vertex-ai", Operation.GENERATION, "", "p/global"),
            "bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-v1%3A0/converse-stream",
            new Endpoint("bedrock", Operation.GENERATION, "eu.anthropic.claude-v1:0", "eu-west-1"),
            "bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/invoke",
            new Endpoint(
                "bedrock",
                Operation.GENERATION,
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
                "us-east-1"),
            "bedrock-mantle.us-east-1.api.aws/openai/v1/responses",
            new Endpoint("bedrock", Operation.GENERATION, "", "us-east-1"),
            "adb-1.azuredatabricks.net/serving-endpoints/my-llm/invocations",
            new Endpoint(
                "databricks", Operation.GENERATION, "my-llm", "adb-1.azuredatabricks.net"));
    cases.forEach((url, endpoint) -> assertThat(at(url)).as(url).isEqualTo(endpoint));
    assertThat(at("gateway.ai.cloudflare.com/v1/acc/gw/openai/chat/completions"))
        .isEqualTo(new Endpoint("cloudflare-ai-gateway", Operation.GENERATION, "", "acc/gw"));
    assertThat(at("api.cloudflare.com/client/v4/accounts/acc/ai/run/@cf/meta/llama-3"))
        .isEqualTo(
            new Endpoint("cloudflare-ai-gateway", Operation.GENERATION, "@cf/meta/llama-3", "acc"));
    assertThat(at("api-inference.huggingface.co/models/org/name"))
        .isEqualTo(new Endpoint("huggingface", Operation.GENERATION, "org/name", ""));
  }

  private static final String[] NO_LLM = {
    "api.openai.com/health",
    "platform.openai.com/v1/chat/completions",
    "api.openai.com.evil.example/v1/chat/completions",
    "xapi.openai.org/v1/chat/completions",
    "openai.azure.com/openai/v1/responses",
    "res.cognitiveservices.azure.com/speechtotext/v3.1/transcriptions",
    "storage.googleapis.com/v1/models/x:generateContent",
    "us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/datasets/d",
    "s3.us-east-1.amazonaws.com/model/x/converse",
    "api.cloudflare.com/client/v4/zones",
    "openrouter.ai/models",
    "localhost:8000/v1/models",
    "localhost:8000/orders",
    "localhost:8080/v1/chat/completions",
    "localhost:11434/index.html",
    "w.cloud.databricks.com/api/2.0/jobs",
    "aip.baidubce.com/rest/2.0/ocr/v1/general",
    "shop.example/v1/chat/completions",
    "ollama.com/library",
    "huggingface.co/api/models",
  };

  @Test
  void otherHostsAndOtherPathsOfTheSameHostsAreLeftAlone() {
    for (String url : NO_LLM) {
      assertThat(at(url)).as(url).isNull();
    }
  }

  @Test
  void anOwnerInTheQueryIsNone() {
    Endpoint endpoint =
        at("x-aiplatform.googleapis.com/v1/models/m:generateContent?/projects//locations/");
    assertThat(endpoint).isEqualTo(new Endpoint("vertex-ai", Operation.GENERATION, "m", ""));
  }

  @Test
  void aCallThatIsNoLlmCallAllocatesNothing() {
    Recognizer mapped =
        new Recognizer(
            MappedHosts.parse("llm.corp.example=openai,*.corp=litellm,10.0.0.1:8080/x/=anthropic"));
    String[] hosts = {
      "shop.example",
      "api.openai.com",
      "Localhost",
      "a.corp",
      "res.openai.azure.com",
      "10.0.0.1",
      "bedrock-runtime.x.amazonaws.com"
    };
    String path = "/some/quite/ordinary/path/with/v1/in/it?and=a&query=too";
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (int round = 0; round < 20_000; round++) {
      recogniseAll(mapped, hosts, path);
    }
    long best = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 5; attempt++) {
      long before = threads.getThreadAllocatedBytes(self);
      for (int round = 0; round < 10_000; round++) {
        recogniseAll(mapped, hosts, path);
      }
      best = Math.min(best, threads.getThreadAllocatedBytes(self) - before);
    }
    // The measuring itself allocates a little; one byte a call would be 70,000.
    assertThat(best).isLessThan(5_000);
  }

  private static void recogniseAll(Recognizer recognizer, String[] hosts, String path) {
    for (String host : hosts) {
      if (recognizer.recognise(host, 8080, path) != null) {
        throw new AssertionError(host);
      }
    }
  }

  @Test
  void mappedHostsSpeakTheDialectTheyAreMappedTo() {
    Recognizer mapped =
        new Recognizer(
            MappedHosts.parse(
                "llm.corp.example=openai,"
                    + " gw.corp/anthropic/=anthropic,gw.corp/az=azure,*.corp=openai,127.0.0.1:8080=anthropic,[::1]:9=kimi,g.example=gemini"));
    assertThat(at(mapped, "llm.corp.example/v1/chat/completions"))
        .isEqualTo(new Endpoint("openai", Operation.GENERATION, "", ""));
    assertThat(at(mapped, "llm.corp.example/chat/completions")).isNotNull();
    assertThat(at(mapped, "llm.corp.example/team/a/v1/responses")).isNotNull();
    assertThat(at(mapped, "llm.corp.example/shop/v1/files")).isNull();
    assertThat(at(mapped, "llm.corp.example/index.html")).isNull();
    assertThat(at(mapped, "gw.corp/anthropic/v1/messages"))
        .isEqualTo(new Endpoint("anthropic", Operation.GENERATION, "", ""));
    assertThat(at(mapped, "gw.corp/anthropicx/v1/messages")).isNull();
    assertThat(at(mapped, "gw.corp/az/openai/deployments/d/embeddings"))
        .isEqualTo(new Endpoint("azure-openai", Operation.EMBEDDING, "d", "gw/d"));
    assertThat(at(mapped, "other.corp/v1/embeddings"))
        .isEqualTo(new Endpoint("openai", Operation.EMBEDDING, "", ""));
    assertThat(at(mapped, "corp/v1/embeddings")).isNull();
    assertThat(at(mapped, "127.0.0.1:8080/v1/messages"))
        .isEqualTo(new Endpoint("anthropic", Operation.GENERATION, "", ""));
    assertThat(at(mapped, "127.0.0.1:8081/v1/messages")).isNull();
    assertThat(at(mapped, "[::1]:9/v1/chat/completions"))
        .isEqualTo(new Endpoint("moonshot", Operation.GENERATION, "", ""));
    assertThat(at(mapped, "g.example/proxy/v1beta/models/m:generateContent"))
        .isEqualTo(new Endpoint("gemini", Operation.GENERATION, "m", ""));
  }

  @Test
  void everyRecordedRequestIsRecognised() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String name : List.of("recordings/usage.jsonl", "recordings/success-headers.jsonl")) {
      Path file = Samples.file(name);
      if (file == null) {
        Assumptions.abort("no shared recordings");
        return;
      }
      for (String line : Files.readAllLines(file)) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        LenientJson.Node node = LenientJson.parse(bytes, 0, bytes.length);
        if (node == null) {
          continue;
        }
        String url = node.get("host").text() + node.get("path").text();
        Endpoint endpoint = at(url);
        if (endpoint == null || !endpoint.provider().equals(node.get("provider").text())) {
          wrong.add(url + " is " + endpoint);
        }
      }
    }
    assertThat(wrong.stream().distinct()).isEmpty();
  }
}
