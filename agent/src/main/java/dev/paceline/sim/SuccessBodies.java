package dev.paceline.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Bodies of successes, whole enough for the official SDKs to parse, usage included. The answer is
 * always the same few words.
 */
final class SuccessBodies {
  /** A token each. */
  static final List<String> WORDS = List.of("All", " is", " well", ".");

  private static final String TEXT = String.join("", WORDS);
  private static final float[] VECTOR = {0.5f, -0.25f, 0.125f};

  private SuccessBodies() {}

  /** The answer as one JSON object. */
  static String json(SimRequest ask, long epochSeconds) {
    return switch (ask.api()) {
      case CHAT -> chat(ask, epochSeconds);
      case RESPONSES -> response(ask, epochSeconds, "completed", true);
      case MESSAGES -> message(ask, true);
      case GENERATE_CONTENT -> generated(ask, TEXT, true);
      case EMBEDDINGS -> embedding(ask);
    };
  }

  /** The answer as server-sent events, in the order and framing of the provider. */
  static List<String> events(SimRequest ask, long epochSeconds) {
    return switch (ask.api()) {
      case CHAT -> chatEvents(ask, epochSeconds);
      case RESPONSES -> responseEvents(ask, epochSeconds);
      case MESSAGES -> messageEvents(ask);
      case GENERATE_CONTENT -> generatedEvents(ask);
      case EMBEDDINGS -> List.of(embedding(ask));
    };
  }

  private static String id(String prefix, SimRequest ask) {
    return SimText.quote(String.format(Locale.ROOT, "%s%024x", prefix, ask.number()));
  }

  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }

  private static String data(String data) {
    return "data: " + data + "\n\n";
  }

  // --- chat completions

  private static String chatUsage(SimRequest ask) {
    return "{\"prompt_tokens\":"
        + ask.promptTokens()
        + ",\"completion_tokens\":"
        + WORDS.size()
        + ",\"total_tokens\":"
        + (ask.promptTokens() + WORDS.size())
        + ",\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,"
        + "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
  }

  private static String chat(SimRequest ask, long created) {
    return "{\"id\":"
        + id("chatcmpl-", ask)
        + ",\"object\":\"chat.completion\",\"created\":"
        + created
        + ",\"model\":"
        + SimText.quote(ask.model())
        + ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
        + SimText.quote(TEXT)
        + ",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
        + chatUsage(ask)
        + ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sim\"}";
  }

  private static List<String> chatEvents(SimRequest ask, long created) {
    List<String> events = new ArrayList<>();
    events.add(
        chatChunk(
            ask,
            created,
            "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]",
            "null"));
    for (String word : WORDS) {
      events.add(
          chatChunk(
              ask,
              created,
              "[{\"index\":0,\"delta\":{\"content\":"
                  + SimText.quote(word)
                  + "},\"logprobs\":null,\"finish_reason\":null}]",
              "null"));
    }
    events.add(
        chatChunk(
            ask,
            created,
            "[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]",
            "null"));
    events.add(chatChunk(ask, created, "[]", chatUsage(ask)));
    events.add(data("[DONE]"));
    return events;
  }

  private static String chatChunk(SimRequest ask, long created, String choices, String usage) {
    return data(
        "{\"id\":"
            + id("chatcmpl-", ask)
            + ",\"object\":\"chat.completion.chunk\",\"created\":"
            + created
            + ",\"model\":"
            + SimText.quote(ask.model())
            + ",\"system_fingerprint\":\"fp_sim\",\"choices\":"
            + choices
            + ",\"usage\":"
            + usage
            + "}");
  }

  // --- responses

  private static String part(String text) {
    return "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":"
        + SimText.quote(text)
        + "}";
  }

  private static String item(SimRequest ask, String status, String content) {
    return "{\"id\":"
        + id("msg_", ask)
        + ",\"type\":\"message\",\"status\":\""
        + status
        + "\",\"content\":["
        + content
        + "],\"role\":\"assistant\"}";
  }

  private static String response(SimRequest ask, long created, String status, boolean whole) {
    String usage =
        whole
            ? "{\"input_tokens\":"
                + ask.promptTokens()
                + ",\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":"
                + WORDS.size()
                + ",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":"
                + (ask.promptTokens() + WORDS.size())
                + "}"
            : "null";
    return "{\"id\":"
        + id("resp_", ask)
        + ",\"object\":\"response\",\"created_at\":"
        + created
        + ",\"status\":\""
        + status
        + "\",\"background\":false,\"error\":null,\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,\"model\":"
        + SimText.quote(ask.model())
        + ",\"output\":["
        + (whole ? item(ask, "completed", part(TEXT)) : "")
        + "],\"parallel_tool_calls\":true,\"previous_response_id\":null,\"reasoning\":{\"effort\":null,\"summary\":null},"
        + "\"service_tier\":\"default\",\"store\":false,\"temperature\":1.0,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\","
        + "\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\",\"usage\":"
        + usage
        + ",\"user\":null,\"metadata\":{}}";
  }

  private static List<String> responseEvents(SimRequest ask, long created) {
    List<String> events = new ArrayList<>();
    String where = "\"item_id\":" + id("msg_", ask) + ",\"output_index\":0,\"content_index\":0,";
    addResponseEvent(
        events, "response.created", "\"response\":" + response(ask, created, "in_progress", false));
    addResponseEvent(
        events,
        "response.in_progress",
        "\"response\":" + response(ask, created, "in_progress", false));
    addResponseEvent(
        events,
        "response.output_item.added",
        "\"output_index\":0,\"item\":" + item(ask, "in_progress", ""));
    addResponseEvent(events, "response.content_part.added", where + "\"part\":" + part(""));
    for (String word : WORDS) {
      addResponseEvent(
          events,
          "response.output_text.delta",
          where + "\"delta\":" + SimText.quote(word) + ",\"logprobs\":[]");
    }
    addResponseEvent(
        events,
        "response.output_text.done",
        where + "\"text\":" + SimText.quote(TEXT) + ",\"logprobs\":[]");
    addResponseEvent(events, "response.content_part.done", where + "\"part\":" + part(TEXT));
    addResponseEvent(
        events,
        "response.output_item.done",
        "\"output_index\":0,\"item\":" + item(ask, "completed", part(TEXT)));
    addResponseEvent(
        events, "response.completed", "\"response\":" + response(ask, created, "completed", true));
    return events;
  }

  private static void addResponseEvent(List<String> events, String type, String rest) {
    events.add(
        event(
            type,
            "{\"type\":\"" + type + "\",\"sequence_number\":" + events.size() + "," + rest + "}"));
  }

  // --- messages

  private static String message(SimRequest ask, boolean whole) {
    return "{\"id\":"
        + id("msg_", ask)
        + ",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
        + SimText.quote(ask.model())
        + ",\"content\":["
        + (whole ? "{\"type\":\"text\",\"text\":" + SimText.quote(TEXT) + "}" : "")
        + "],\"stop_reason\":"
        + (whole ? "\"end_turn\"" : "null")
        + ",\"stop_sequence\":null,\"usage\":{\"input_tokens\":"
        + ask.promptTokens()
        + ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":"
        + (whole ? WORDS.size() : 1)
        + ",\"service_tier\":\"standard\"}}";
  }

  private static List<String> messageEvents(SimRequest ask) {
    List<String> events = new ArrayList<>();
    events.add(
        event(
            "message_start",
            "{\"type\":\"message_start\",\"message\":" + message(ask, false) + "}"));
    events.add(
        event(
            "content_block_start",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"));
    events.add(event("ping", "{\"type\": \"ping\"}"));
    for (String word : WORDS) {
      events.add(
          event(
              "content_block_delta",
              "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
                  + SimText.quote(word)
                  + "}}"));
    }
    events.add(event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}"));
    events.add(
        event(
            "message_delta",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":"
                + ask.promptTokens()
                + ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":"
                + WORDS.size()
                + "}}"));
    events.add(event("message_stop", "{\"type\":\"message_stop\"}"));
    return events;
  }

  // --- generateContent

  private static String generated(SimRequest ask, String text, boolean last) {
    return "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
        + SimText.quote(text)
        + "}],\"role\":\"model\"},"
        + (last ? "\"finishReason\":\"STOP\"," : "")
        + "\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":"
        + ask.promptTokens()
        + ",\"candidatesTokenCount\":"
        + WORDS.size()
        + ",\"totalTokenCount\":"
        + (ask.promptTokens() + WORDS.size())
        + ",\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":"
        + ask.promptTokens()
        + "}]},\"modelVersion\":"
        + SimText.quote(ask.model())
        + ",\"responseId\":"
        + id("", ask)
        + "}";
  }

  private static List<String> generatedEvents(SimRequest ask) {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < WORDS.size(); i++) {
      events.add(data(generated(ask, WORDS.get(i), i == WORDS.size() - 1)));
    }
    return events;
  }

  // --- embeddings

  private static String embedding(SimRequest ask) {
    return "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":"
        + vector(ask.base64())
        + "}],\"model\":"
        + SimText.quote(ask.model())
        + ",\"usage\":{\"prompt_tokens\":"
        + ask.promptTokens()
        + ",\"total_tokens\":"
        + ask.promptTokens()
        + "}}";
  }

  /** Floats, or the little-endian base64 that OpenAI's SDKs ask for by default. */
  private static String vector(boolean base64) {
    if (base64) {
      ByteBuffer bytes =
          ByteBuffer.allocate(VECTOR.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : VECTOR) {
        bytes.putFloat(value);
      }
      return SimText.quote(Base64.getEncoder().encodeToString(bytes.array()));
    }
    StringBuilder out = new StringBuilder("[");
    for (float value : VECTOR) {
      out.append(out.length() > 1 ? "," : "").append(value);
    }
    return out.append(']').toString();
  }
}
