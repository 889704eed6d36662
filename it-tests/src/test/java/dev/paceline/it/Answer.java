package dev.paceline.it;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One answer of a script. An empty body stands for what the provider would say: the text, or the
 * stream of it, in the shape of the path that was asked.
 */
record Answer(int status, Map<String, String> headers, String body, boolean cut, int together) {
  static final String TEXT = "about 300000 km a second";

  /** What a success reports of a prompt. */
  static final int INPUT_TOKENS = 9;

  /** What a success reports of its text. */
  static final int OUTPUT_TOKENS = 7;

  static Answer ok() {
    return new Answer(200, Map.of(), "", false, 0);
  }

  static Answer status(int status) {
    return new Answer(status, Map.of(), "{\"error\":{}}", false, 0);
  }

  /** 429 of the requests-per-minute limit without any hint, as OpenAI words it. */
  static Answer rateLimited() {
    return status(429)
        .saying(
            "{\"error\":{\"message\":\"Rate limit reached for requests\",\"type\":\"requests\","
                + "\"param\":null,\"code\":\"rate_limit_exceeded\"}}");
  }

  /** 429 that waiting cannot cure, as OpenAI words it. */
  static Answer insufficientQuota() {
    return status(429)
        .saying(
            "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and"
                + " billing details.\",\"type\":\"insufficient_quota\",\"param\":null,"
                + "\"code\":\"insufficient_quota\"}}");
  }

  Answer header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, more, body, cut, together);
  }

  Answer saying(String json) {
    return new Answer(status, headers, json, cut, together);
  }

  /** Held back until so many attempts of the run have arrived. */
  Answer together(int attempts) {
    return new Answer(status, headers, body, cut, attempts);
  }

  /** The connection is reset instead of an answer. */
  static Answer connectionReset() {
    return new Answer(0, Map.of(), "", true, 0);
  }

  /** What a provider of this path says on success. */
  static Spoken success(String path, String request) {
    boolean stream =
        path.contains(":streamGenerateContent")
            || request.replace(" ", "").contains("\"stream\":true");
    String said =
        path.contains("/messages")
            ? (stream ? anthropicStream() : anthropic())
            : path.contains("enerateContent")
                ? (stream ? "data: " + gemini() + "\r\n\r\n" : gemini())
                : path.endsWith("/embeddings")
                    ? embedding()
                    : stream
                        ? openAiStream(request.replace(" ", "").contains("\"include_usage\":true"))
                        : openAi();
    return new Spoken(said, Optional.of(stream ? "text/event-stream" : "application/json"));
  }

  /** Body and type. */
  record Spoken(String body, Optional<String> type) {}

  private static String openAi() {
    return "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
        + "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        + "\"content\":\""
        + TEXT
        + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7,\"total_tokens\":16}}";
  }

  private static String openAiStream(boolean usage) {
    StringBuilder events = new StringBuilder();
    for (String word : TEXT.split("(?<= )")) {
      events
          .append("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",")
          .append("\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":")
          .append("{\"role\":\"assistant\",\"content\":\"")
          .append(word)
          .append("\"},\"finish_reason\":null}]}\n\n");
    }
    return events
        .append("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",")
        .append("\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},")
        .append("\"finish_reason\":\"stop\"}]}\n\n")
        .append(
            usage
                ? "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1700000000,\"model\":\"m\",\"choices\":[],\"usage\":"
                    + "{\"prompt_tokens\":9,\"completion_tokens\":7,\"total_tokens\":16}}\n\n"
                : "")
        .append("data: [DONE]\n\n")
        .toString();
  }

  private static String embedding() {
    return "{\"object\":\"list\",\"model\":\"m\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
        + "\"embedding\":[0.1,0.2]}],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3}}";
  }

  private static String anthropic() {
    return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
        + "\"content\":[{\"type\":\"text\",\"text\":\""
        + TEXT
        + "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
        + "\"usage\":{\"input_tokens\":9,\"output_tokens\":7}}";
  }

  private static String anthropicStream() {
    StringBuilder events = new StringBuilder();
    event(
        events,
        "message_start",
        "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
            + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
            + "\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}");
    event(
        events,
        "content_block_start",
        "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
    for (String word : TEXT.split("(?<= )")) {
      event(
          events,
          "content_block_delta",
          "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + word + "\"}");
    }
    event(events, "content_block_stop", "\"index\":0");
    event(
        events,
        "message_delta",
        "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
            + "\"usage\":{\"output_tokens\":7}");
    return event(events, "message_stop", "").toString();
  }

  private static StringBuilder event(StringBuilder events, String type, String fields) {
    return events
        .append("event: ")
        .append(type)
        .append("\ndata: {\"type\":\"")
        .append(type)
        .append(fields.isEmpty() ? "\"" : "\",")
        .append(fields)
        .append("}\n\n");
  }

  private static String gemini() {
    return "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\""
        + TEXT
        + "\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
        + "\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":7,"
        + "\"totalTokenCount\":16},\"modelVersion\":\"m\"}";
  }
}
