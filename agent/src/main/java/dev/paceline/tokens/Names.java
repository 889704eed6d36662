package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;

/**
 * The names of fields that requests and usages are read by: found without making a string of each.
 */
final class Names {
  private static final String[] KNOWN = {
    "$defs",
    "additionalModelRequestFields",
    "allOf",
    "amazon-bedrock-invocationMetrics",
    "anyOf",
    "args",
    "arguments",
    "audio",
    "background",
    "best_of",
    "billed_units",
    "bytes",
    "cacheReadInputTokens",
    "cacheWriteInputTokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_write_tokens",
    "cachedContentTokenCount",
    "cached_tokens",
    "candidateCount",
    "candidatesTokenCount",
    "chat_history",
    "completion_tokens",
    "const",
    "container",
    "content",
    "contents",
    "context",
    "conversation",
    "converse",
    "custom",
    "data",
    "default",
    "definitions",
    "delta",
    "description",
    "detail",
    "document",
    "documents",
    "encrypted_content",
    "enum",
    "eval_count",
    "file",
    "fileData",
    "fileUri",
    "file_data",
    "file_uri",
    "format",
    "function",
    "functionCall",
    "function_call",
    "functions",
    "generateContentRequest",
    "generationConfig",
    "generation_config",
    "generation_token_count",
    "image",
    "image_url",
    "images",
    "inferenceConfig",
    "inlineData",
    "inline_data",
    "input",
    "inputSchema",
    "inputText",
    "inputTextTokenCount",
    "inputTokenCount",
    "inputTokens",
    "input_audio",
    "input_file",
    "input_schema",
    "input_tokens",
    "input_tokens_details",
    "inputs",
    "instructions",
    "invokeModel",
    "items",
    "json",
    "json_schema",
    "maxOutputTokens",
    "maxTokenCount",
    "maxTokens",
    "max_completion_tokens",
    "max_gen_len",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tokens_to_sample",
    "mcp_servers",
    "media_type",
    "message",
    "messages",
    "meta",
    "mimeType",
    "mime_type",
    "model",
    "n",
    "name",
    "num_cached_tokens",
    "num_predict",
    "oneOf",
    "options",
    "output",
    "outputTokenCount",
    "outputTokens",
    "output_tokens",
    "outputs",
    "parameter_definitions",
    "parameters",
    "parametersJsonSchema",
    "parameters_json_schema",
    "preamble",
    "previous_response_id",
    "prompt",
    "promptTokenCount",
    "prompt_cache_hit_tokens",
    "prompt_eval_count",
    "prompt_token_count",
    "prompt_tokens",
    "prompt_tokens_details",
    "properties",
    "query",
    "reasoning",
    "reasoningContent",
    "reasoning_config",
    "reasoning_content",
    "refusal",
    "requests",
    "required",
    "response",
    "responseJsonSchema",
    "responseSchema",
    "response_format",
    "response_schema",
    "role",
    "schema",
    "snippet",
    "source",
    "store",
    "stream",
    "suffix",
    "summary",
    "system",
    "systemInstruction",
    "system_instruction",
    "text",
    "textGenerationConfig",
    "texts",
    "thinking",
    "thoughtSignature",
    "thoughtsTokenCount",
    "thread_id",
    "title",
    "tokens",
    "toolConfig",
    "toolResult",
    "toolUse",
    "toolUseId",
    "toolUsePromptTokenCount",
    "tool_calls",
    "tool_config",
    "tool_plan",
    "tool_use_id",
    "tools",
    "totalOutputTextTokenCount",
    "totalTokenCount",
    "totalTokens",
    "total_tokens",
    "type",
    "uri",
    "url",
    "usage",
    "usageMetadata",
    "video",
    "video_url",
    "x_groq"
  };

  private static final int SLOTS = 512;
  private static final byte[][] BYTES = new byte[SLOTS][];
  private static final String[] NAMES = new String[SLOTS];

  static {
    for (String name : KNOWN) {
      byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
      int slot = slot(bytes, 0, bytes.length);
      while (NAMES[slot] != null) {
        slot = (slot + 1) % SLOTS;
      }
      BYTES[slot] = bytes;
      NAMES[slot] = name;
    }
  }

  private Names() {}

  /** The known name between two places; empty for any other. */
  static String of(byte[] body, int from, int end) {
    int slot = slot(body, from, end);
    while (NAMES[slot] != null) {
      if (same(BYTES[slot], body, from, end)) {
        return NAMES[slot];
      }
      slot = (slot + 1) % SLOTS;
    }
    return "";
  }

  private static int slot(byte[] bytes, int from, int end) {
    if (from == end) {
      return 0;
    }
    int hash = end - from;
    hash = hash * 31 + bytes[from];
    hash = hash * 31 + bytes[(from + end) >>> 1];
    hash = hash * 31 + bytes[end - 1];
    hash = hash * 31 + bytes[from + (end - from) / 4];
    return (hash & 0x7fffffff) % SLOTS;
  }

  private static boolean same(byte[] name, byte[] body, int from, int end) {
    if (name.length != end - from) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (name[i] != body[from + i]) {
        return false;
      }
    }
    return true;
  }
}
