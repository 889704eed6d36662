package dev.paceline.it;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One provider: where it answers, and what it says when it serves, when it refuses and when it
 * streams. {@code {m}} stands for the model.
 *
 * @param origin scheme, host and perhaps port
 * @param path of a whole answer
 * @param streamPath of a stream
 * @param served headers of a served answer, {@code name: value}
 * @param refusal how it refuses
 * @param limit the {@code limit} tag of the refusal; empty when it is no limit
 * @param attempts how many requests the refused call becomes, the second one being served
 */
record ProviderAnswers(
    String id,
    String origin,
    String path,
    String streamPath,
    List<String> served,
    Refusal refusal,
    String limit,
    int attempts) {
  /** Tokens of the prompt and of the answer that a stream reports. */
  static final int INPUT = 9;

  static final int OUTPUT = 7;

  /** A refusal. */
  record Refusal(int status, List<String> headers, String body) {}

  String host() {
    return java.net.URI.create(origin).getHost();
  }

  /** A server of the developer's own machine, known by its port. */
  boolean local() {
    return host().equals("localhost");
  }

  String request(String model, boolean stream) {
    String body =
        "{%s\"messages\":[{\"role\":\"user\",\"content\":\"How fast does light travel?\"}]%s}";
    boolean inPath = path.contains("{m}");
    return body.formatted(
        inPath ? "" : "\"model\":\"" + model + "\",", stream ? ",\"stream\":true" : "");
  }

  String streamType() {
    return switch (id) {
      case "bedrock" -> "application/vnd.amazon.eventstream";
      case "ollama" -> "application/x-ndjson";
      default -> "text/event-stream; charset=utf-8";
    };
  }

  byte[] whole() {
    String path = path();
    String text =
        switch (id) {
          case "gemini", "vertex-ai" ->
              "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"fast\"}],\"role\":\"model\"}}],\"usageMetadata\":{\"promptTokenCount\":9,\"totalTokenCount\":16}}";
          case "bedrock" ->
              "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"fast\"}]}},\"usage\":{\"inputTokens\":9,\"outputTokens\":7}}";
          case "cohere" ->
              "{\"id\":\"c\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"fast\"}]},\"usage\":{\"tokens\":{\"input_tokens\":9}}}";
          case "ollama" ->
              "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"fast\"},\"done\":true}";
          default ->
              path.endsWith("/messages")
                  ? "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"fast\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":7}}"
                  : "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"fast\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}";
        };
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A stream that reports its usage, {@link #INPUT} and {@link #OUTPUT}, where its provider does.
   */
  byte[] stream() {
    return switch (id) {
      case "bedrock" -> {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
          out.writeBytes(
              frame(
                  "contentBlockDelta",
                  "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"" + i + "\"}}"));
        }
        out.writeBytes(
            frame(
                "metadata",
                "{\"usage\":{\"inputTokens\":9,\"outputTokens\":7,\"totalTokens\":16}}"));
        yield out.toByteArray();
      }
      case "ollama" ->
          streamed(
              "",
              "{\"message\":{\"content\":\"fast\"},\"done\":false}\n",
              "{\"message\":{\"content\":\"\"},\"done\":true,\"prompt_eval_count\":9,\"eval_count\":7}\n");
      case "gemini", "vertex-ai" ->
          streamed(
              "",
              "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"fast\"}]}}]}\r\n\r\n",
              "data: {\"candidates\":[],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":7,\"totalTokenCount\":16}}\r\n\r\n");
      case "cohere" ->
          streamed(
              "",
              "event: content-delta\n"
                  + "data: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"fast\"}}}}\n\n",
              "event: message-end\n"
                  + "data: {\"type\":\"message-end\",\"delta\":{\"usage\":{\"tokens\":{\"input_tokens\":9,\"output_tokens\":7}}}}\n\n");
      default ->
          path.endsWith("/messages")
              ? streamed(
                  "event: message_start\n"
                      + "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
                  "event: content_block_delta\n"
                      + "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"fast\"}}\n\n",
                  "event: message_delta\n"
                      + "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\n")
              : streamed(
                  "",
                  "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fast\"}}]}\n\n",
                  "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}\n\n"
                      + "data: [DONE]\n\n");
    };
  }

  private static byte[] streamed(String first, String part, String last) {
    return (first + part.repeat(20) + last).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] frame(String event, String json) {
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    byte[] name = ":event-type".getBytes(StandardCharsets.UTF_8);
    byte[] type = event.getBytes(StandardCharsets.UTF_8);
    int headers = 1 + name.length + 3 + type.length;
    return ByteBuffer.allocate(16 + headers + payload.length)
        .putInt(16 + headers + payload.length)
        .putInt(headers)
        .putInt(0)
        .put((byte) name.length)
        .put(name)
        .put((byte) 7)
        .putShort((short) type.length)
        .put(type)
        .put(payload)
        .putInt(0)
        .array();
  }

  /** What a limit's headers announce; {@code remaining} of {@code max} units a window. */
  record Learned(String limit, long max, long remaining, long windowMillis) {}

  private static final long MINUTE = 60_000;

  /** What {@link #served} announces, as a person reads it. */
  List<Learned> learned() {
    return switch (id) {
      case "openai" ->
          List.of(
              new Learned("rpm", 5_000, 4_999, MINUTE),
              new Learned("tpm", 160_000, 159_974, MINUTE));
      case "groq" ->
          List.of(
              new Learned("rpd", 5_000, 4_999, 24 * 60 * MINUTE),
              new Learned("tpm", 160_000, 159_974, MINUTE));
      case "azure-openai" -> List.of(new Learned("tpm", 50_000, 49_362, MINUTE));
      case "anthropic" -> List.of(new Learned("rpm", 4_000, 3_999, MINUTE));
      case "mistral" -> List.of(new Learned("rpm", 100, 94, MINUTE));
      case "cohere" -> List.of(new Learned("rpm", 20, 19, MINUTE));
      case "xai" -> List.of(new Learned("rpm", 1_800, 1_799, MINUTE));
      case "together" -> List.of(new Learned("rpm", 2, 1, MINUTE));
      case "fireworks" -> List.of(new Learned("otpm", 1_000, 900, MINUTE));
      case "cerebras" ->
          List.of(
              new Learned("rpm", 5, 4, MINUTE),
              new Learned("tpd", 1_000_000, 90, 24 * 60 * MINUTE));
      case "sambanova" -> List.of(new Learned("rpm", 30, 29, MINUTE));
      case "github-models" -> List.of(new Learned("rpm", 20_000, 19_999, MINUTE));
      case "huggingface" -> List.of(new Learned("rpm", 1_000, 999, 5 * MINUTE));
      case "litellm-proxy" -> List.of(new Learned("rpm", 100, 99, MINUTE));
      case "generic" -> List.of(new Learned("rpm", 5, 4, MINUTE));
      default -> List.of();
    };
  }

  private static ProviderAnswers at(
      String id,
      String origin,
      String path,
      List<String> served,
      int status,
      List<String> headers,
      String body,
      String limit,
      int attempts) {
    String streamPath =
        switch (id) {
          case "bedrock" -> path.replace("/converse", "/converse-stream");
          case "gemini", "vertex-ai" ->
              path.replace(":generateContent", ":streamGenerateContent") + "?alt=sse";
          default -> path;
        };
    return new ProviderAnswers(
        id, origin, path, streamPath, served, new Refusal(status, headers, body), limit, attempts);
  }

  /** An error of OpenAI's shape. */
  private static String error(String type, String code, String message) {
    return "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}"
        .formatted(message, type, code);
  }

  private static final List<String> NONE = List.of();
  private static final List<String> OPENAI_HEADERS =
      List.of(
          "x-ratelimit-limit-requests: 5000",
          "x-ratelimit-remaining-requests: 4999",
          "x-ratelimit-reset-requests: 12ms",
          "x-ratelimit-limit-tokens: 160000",
          "x-ratelimit-remaining-tokens: 159974",
          "x-ratelimit-reset-tokens: 9ms");
  private static final String OPENAI_TPM =
      error(
          "tokens",
          "rate_limit_exceeded",
          "Rate limit reached for m in organization org-x on tokens per min (TPM): Limit 50000,"
              + " Used 47949, Requested 3006. Please try again in 120ms.");

  /** Every provider, each in the words of its own. */
  static final List<ProviderAnswers> ALL =
      List.of(
          at(
              "openai",
              "https://api.openai.com",
              "/v1/chat/completions",
              OPENAI_HEADERS,
              429,
              List.of("retry-after-ms: 120"),
              OPENAI_TPM,
              "tpm",
              2),
          at(
              "azure-openai",
              "https://res-example.openai.azure.com",
              "/openai/deployments/{m}/chat/completions?api-version=2024-10-21",
              List.of(
                  "x-ratelimit-limit-tokens: 50000",
                  "x-ratelimit-remaining-tokens: 49362",
                  "x-ratelimit-reset-tokens: 0",
                  "x-ratelimit-renewalperiod-tokens: 60"),
              429,
              List.of("retry-after-ms: 200", "retry-after: 1"),
              "{\"error\":{\"code\":\"429\",\"message\":\"Requests to the ChatCompletions_Create"
                  + " Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate"
                  + " limit of your current OpenAI S0 pricing tier. Please retry after 1"
                  + " seconds.\"}}",
              "tpm",
              2),
          at(
              "anthropic",
              "https://api.anthropic.com",
              "/v1/messages",
              List.of(
                  "anthropic-ratelimit-requests-limit: 4000",
                  "anthropic-ratelimit-requests-remaining: 3999",
                  "anthropic-ratelimit-requests-reset: 2025-03-15T12:57:58Z",
                  "anthropic-organization-id: 00000000-0000-4000-8000-000000000000",
                  "retry-after: 39"),
              429,
              List.of("retry-after: 1"),
              "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This"
                  + " request would exceed your organization's rate limit of 30,000 input tokens"
                  + " per minute\"},\"request_id\":\"req_1\"}",
              "itpm",
              2),
          at(
              "gemini",
              "https://generativelanguage.googleapis.com",
              "/v1beta/models/{m}:generateContent",
              List.of("x-gemini-service-tier: standard"),
              429,
              NONE,
              "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please check"
                  + " your plan and billing details. Please retry in"
                  + " 0.2s.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"quotaMetric\":\"generativelanguage.googleapis.com/generate_content_free_tier_requests\",\"quotaId\":\"GenerateRequestsPerMinutePerProjectPerModel-FreeTier\",\"quotaValue\":\"15\"}]},{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"0.2s\"}]}}",
              "rpm",
              2),
          at(
              "vertex-ai",
              "https://us-central1-aiplatform.googleapis.com",
              "/v1/projects/p/locations/us-central1/publishers/google/models/{m}:generateContent",
              NONE,
              429,
              NONE,
              "{\"error\":{\"code\":429,\"message\":\"Quota exceeded for"
                  + " aiplatform.googleapis.com/online_prediction_requests_per_base_model with base"
                  + " model: gemini. Please submit a quota increase"
                  + " request.\",\"status\":\"RESOURCE_EXHAUSTED\"}}",
              "rpm",
              2),
          at(
              "bedrock",
              "https://bedrock-runtime.us-east-1.amazonaws.com",
              "/model/{m}/converse",
              List.of("x-amzn-requestid: r"),
              429,
              List.of(
                  "x-amzn-ErrorType:"
                      + " ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/"),
              "{\"message\":\"Too many tokens, please wait before trying again.\"}",
              "tpm",
              2),
          at(
              "mistral",
              "https://api.mistral.ai",
              "/v1/chat/completions",
              List.of(
                  "x-ratelimit-limit-req-minute: 100",
                  "x-ratelimit-remaining-req-minute: 94",
                  "x-ratelimit-tokens-query-cost: 60"),
              429,
              List.of("x-ratelimit-limit-req-minute: 23", "x-ratelimit-remaining-req-minute: 0"),
              "{\"object\":\"error\",\"message\":\"Rate limit"
                  + " exceeded\",\"type\":\"rate_limited\",\"param\":null,\"code\":\"1300\"}",
              "rpm",
              2),
          at(
              "groq",
              "https://api.groq.com",
              "/openai/v1/chat/completions",
              OPENAI_HEADERS,
              413,
              List.of("retry-after: 65"),
              error(
                  "tokens",
                  "rate_limit_exceeded",
                  "Request too large for model `m` in organization `o` service tier `on_demand` on"
                      + " tokens per minute (TPM): Limit 6000, Requested 12328, please reduce your"
                      + " message size and try again."),
              "",
              1),
          at(
              "cohere",
              "https://api.cohere.com",
              "/v2/chat",
              List.of("x-trial-endpoint-call-limit: 20", "x-trial-endpoint-call-remaining: 19"),
              429,
              NONE,
              "{\"id\":\"x\",\"message\":\"You are using a Trial key, which is limited to 40 API"
                  + " calls / minute. You can continue to use the Trial key for free.\"}",
              "rpm",
              2),
          at(
              "xai",
              "https://api.x.ai",
              "/v1/chat/completions",
              List.of("x-ratelimit-limit-requests: 1800", "x-ratelimit-remaining-requests: 1799"),
              429,
              NONE,
              "{\"code\":\"Some resource has been exhausted\",\"error\":\"Too many tokens for team"
                  + " t and model m. Your team's rate limit is - Tokens per Minute (actual/limit):"
                  + " 65605/16000.\"}",
              "tpm",
              2),
          at(
              "deepseek",
              "https://api.deepseek.com",
              "/chat/completions",
              List.of("x-ds-trace-id: t"),
              402,
              NONE,
              error("unknown_error", "invalid_request_error", "Insufficient Balance"),
              "quota",
              1),
          at(
              "moonshot",
              "https://api.moonshot.ai",
              "/v1/chat/completions",
              NONE,
              429,
              NONE,
              "{\"error\":{\"message\":\"Your account org-x<ak-y> request reached max organization"
                  + " concurrency: 1, please try again after 1"
                  + " seconds\",\"type\":\"rate_limit_reached_error\"}}",
              "concurrency",
              2),
          at(
              "stepfun",
              "https://api.stepfun.com",
              "/v1/chat/completions",
              NONE,
              429,
              NONE,
              "{\"error\":{\"message\":\"concurrency reached, current: 11, limit:"
                  + " 10\",\"type\":\"rate_limited\"}}",
              "concurrency",
              2),
          at(
              "lmstudio",
              "http://localhost:1234",
              "/v1/chat/completions",
              NONE,
              400,
              NONE,
              "{\"error\":\"Model unloaded by user or API request.\"}",
              "",
              1),
          at(
              "ollama",
              "http://localhost:11434",
              "/api/chat",
              NONE,
              503,
              NONE,
              "{\"error\":\"server busy, please try again.  maximum pending requests exceeded\"}",
              "concurrency",
              2),
          at(
              "vllm",
              "http://localhost:8000",
              "/v1/chat/completions",
              NONE,
              400,
              NONE,
              "{\"object\":\"error\",\"message\":\"This model's maximum context length is 32768"
                  + " tokens. However, you requested 40000"
                  + " tokens\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}",
              "",
              1),
          at(
              "together",
              "https://api.together.xyz",
              "/v1/chat/completions",
              List.of("x-ratelimit-limit: 2", "x-ratelimit-remaining: 1", "x-ratelimit-reset: 2"),
              429,
              NONE,
              "{\"error\":{\"message\":\"above your dynamic"
                  + " rate\",\"type\":\"dynamic_token_limited\"}}",
              "tpm",
              2),
          at(
              "fireworks",
              "https://api.fireworks.ai",
              "/inference/v1/chat/completions",
              List.of(
                  "x-ratelimit-limit-tokens-generated: 1000",
                  "x-ratelimit-remaining-tokens-generated: 900",
                  "x-ratelimit-over-limit: yes"),
              503,
              NONE,
              "{\"error\":{\"message\":\"Service Overloaded\"}}",
              "capacity",
              2),
          at(
              "perplexity",
              "https://api.perplexity.ai",
              "/chat/completions",
              NONE,
              429,
              NONE,
              "{\"error\":{\"message\":\"Request rate limit exceeded, please try again"
                  + " later.\",\"type\":\"request_rate_limit_exceeded\",\"code\":429}}",
              "rpm",
              2),
          at(
              "openrouter",
              "https://openrouter.ai",
              "/api/v1/chat/completions",
              List.of("x-generation-id: g"),
              429,
              NONE,
              "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day. Add 10 credits"
                  + " to unlock 1000 free model requests per"
                  + " day\",\"code\":429,\"metadata\":{\"headers\":{\"X-RateLimit-Limit\":\"50\",\"X-RateLimit-Remaining\":\"0\"},\"limit_source\":\"openrouter_free_tier_daily\"}}}",
              "rpd",
              1),
          at(
              "cerebras",
              "https://api.cerebras.ai",
              "/v1/chat/completions",
              List.of(
                  "x-ratelimit-limit-requests-minute: 5",
                  "x-ratelimit-remaining-requests-minute: 4",
                  "x-ratelimit-limit-tokens-day: 1000000",
                  "x-ratelimit-remaining-tokens-day: 90"),
              429,
              List.of("x-should-retry: false"),
              "{\"message\":\"We're experiencing high traffic right"
                  + " now!\",\"type\":\"too_many_requests_error\",\"param\":\"queue\",\"code\":\"queue_exceeded\"}",
              "capacity",
              2),
          at(
              "sambanova",
              "https://api.sambanova.ai",
              "/v1/chat/completions",
              List.of("x-ratelimit-limit-requests: 30", "x-ratelimit-remaining-requests: 29"),
              429,
              List.of("x-ratelimit-limit-requests: 30", "x-ratelimit-remaining-requests: 0"),
              "{\"error\":{\"message\":\"Rate limit exceeded\",\"type\":\"rate_limit_exceeded\"}}",
              "rpm",
              2),
          at(
              "nvidia-nim",
              "https://integrate.api.nvidia.com",
              "/v1/chat/completions",
              NONE,
              429,
              NONE,
              "{\"status\":429,\"title\":\"Too Many Requests\"}",
              "unknown",
              2),
          at(
              "github-models",
              "https://models.github.ai",
              "/inference/chat/completions",
              List.of(
                  "x-ratelimit-limit-requests: 20000",
                  "x-ratelimit-remaining-requests: 19999",
                  "x-ratelimit-renewalperiod-requests: 60"),
              429,
              List.of(
                  "x-ratelimit-type: UserByModelByDay",
                  "retry-after: 50000",
                  "x-ms-error-code: RateLimitReached"),
              "{\"error\":{\"code\":\"RateLimitReached\",\"message\":\"Rate limit of 50 per 86400s"
                  + " exceeded for UserByModelByDay. Please wait 50000 seconds before"
                  + " retrying.\"}}",
              "rpd",
              1),
          at(
              "huggingface",
              "https://router.huggingface.co",
              "/v1/chat/completions",
              List.of(
                  "RateLimit-Policy: \"fixed window\";\"api\";q=1000;w=300",
                  "RateLimit: \"api\";r=999;t=295"),
              402,
              NONE,
              "{\"error\":\"You have exceeded your monthly included credits for Inference"
                  + " Providers.\"}",
              "quota",
              1),
          at(
              "databricks",
              "https://w.cloud.databricks.com",
              "/serving-endpoints/{m}/invocations",
              NONE,
              429,
              NONE,
              "{\"error_code\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"Exceeded workspace output"
                  + " tokens per minute rate limit for databricks-claude-x.\"}",
              "otpm",
              2),
          at(
              "dashscope",
              "https://dashscope.aliyuncs.com",
              "/compatible-mode/v1/chat/completions",
              NONE,
              429,
              NONE,
              "{\"code\":\"Throttling.AllocationQuota\",\"message\":\"Allocated quota exceeded,"
                  + " please increase your quota limit.\",\"request_id\":\"r\"}",
              "tpm",
              2),
          at(
              "zhipu",
              "https://api.z.ai",
              "/api/paas/v4/chat/completions",
              NONE,
              429,
              NONE,
              "{\"error\":{\"code\":\"1302\",\"message\":\"x\"}}",
              "concurrency",
              2),
          at(
              "minimax",
              "https://api.minimax.io",
              "/v1/text/chatcompletion_v2",
              NONE,
              200,
              NONE,
              "{\"base_resp\":{\"status_code\":1002,\"status_msg\":\"rate limit exceeded(RPM)\"}}",
              "rpm",
              2),
          at(
              "qianfan",
              "https://qianfan.baidubce.com",
              "/v2/chat/completions",
              NONE,
              429,
              NONE,
              "{\"error\":{\"code\":\"rpm_rate_limit_exceeded\",\"message\":\"Rate limit reached"
                  + " for RPM\",\"type\":\"rate_limit_exceeded\"},\"id\":\"as-1\"}",
              "rpm",
              2),
          at(
              "siliconflow",
              "https://api.siliconflow.cn",
              "/v1/chat/completions",
              NONE,
              429,
              NONE,
              "{\"message\":\"Request was rejected due to rate limiting. Details: TPM limit"
                  + " reached.\",\"data\":null}",
              "tpm",
              2),
          at(
              "volcengine",
              "https://ark.cn-beijing.volces.com",
              "/api/v3/chat/completions",
              NONE,
              429,
              NONE,
              error(
                  "TooManyRequests",
                  "ModelAccountTpmRateLimitExceeded",
                  "The request has exceeded the limit."),
              "tpm",
              2),
          at(
              "litellm-proxy",
              "http://localhost:4000",
              "/chat/completions",
              List.of(
                  "x-litellm-call-id: c",
                  "llm_provider-x-ratelimit-limit-requests: 100",
                  "llm_provider-x-ratelimit-remaining-requests: 99",
                  "llm_provider-x-ratelimit-reset-requests: 600ms"),
              429,
              NONE,
              error(
                  "None",
                  "429",
                  "Deployment over user-defined ratelimit. tpm limit=8000. current usage=8241"),
              "tpm",
              2),
          at(
              "cloudflare-ai-gateway",
              "https://gateway.ai.cloudflare.com",
              "/v1/acc/gw/compat/chat/completions",
              List.of("cf-aig-step: 0"),
              429,
              NONE,
              "{\"success\":false,\"errors\":[{\"code\":2003,\"message\":\"Rate limited\"}]}",
              "rpm",
              2),
          at(
              "generic",
              "https://llm.corp.example",
              "/v1/chat/completions",
              List.of("X-RateLimit-Limit-Minute: 5", "X-RateLimit-Remaining-Minute: 4"),
              429,
              List.of("X-RateLimit-Limit-Minute: 5", "X-RateLimit-Remaining-Minute: 0"),
              "{\"message\":\"API rate limit exceeded\"}",
              "rpm",
              2));
}
