package dev.paceline.tokens;

import dev.paceline.tokens.Tally.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Finds the usage in JSON that is fed in pieces cut anywhere: one value, several one after the
 * other (JSON lines), or an array of them. Looks at every byte once and keeps nothing but the name
 * of the field it is in. The place decides, not the name alone: a {@code usage} inside a tool's
 * arguments or a model's own words does not count.
 */
final class UsageJson {
  private static final int MOST_NAME = 40;
  private static final int MOST_DEPTH = 8;

  /** What an object is, by the way to it. */
  private enum Node {
    /** The top-level array of Google's streams. */
    LIST,
    ROOT,
    /** OpenAI's and Cohere's events about the response as it is so far. */
    RESPONSE,
    /** Anthropic's {@code message_start}. */
    MESSAGE,
    /** {@code x_groq}, Cohere's {@code delta}: may hold a usage. */
    HOLDER,
    /** Cohere v1. */
    META,
    USAGE,
    DETAILS,
    TOKENS,
    BILLED,
    /** {@code amazon-bedrock-invocationMetrics}. */
    METRICS
  }

  private enum In {
    STRUCTURE,
    NAME,
    TEXT,
    /** Text that is Base64 of JSON: a frame of Bedrock's {@code invoke-with-response-stream}. */
    BASE64,
    NUMBER
  }

  private final Tally tally;
  private final @Nullable Base64Feed inside;

  private final Node[] path = new Node[MOST_DEPTH];
  private int depth;

  /** How deep inside a value that cannot hold a usage. */
  private int skipped;

  private In in = In.STRUCTURE;
  private boolean escaped;
  private boolean nameNext;
  private final byte[] name = new byte[MOST_NAME];
  private int nameLength;
  private long number;
  private boolean whole;

  /**
   * @param unwrap whether a top-level {@code bytes} holds JSON in Base64
   */
  UsageJson(Tally tally, boolean unwrap) {
    this.tally = tally;
    this.inside = unwrap ? new Base64Feed(new UsageJson(tally, false)) : null;
  }

  /** What follows is a new value, whatever came before. */
  void reset() {
    depth = 0;
    skipped = 0;
    in = In.STRUCTURE;
    escaped = false;
    nameNext = false;
    nameLength = 0;
  }

  void feed(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end) {
      switch (in) {
        case STRUCTURE -> at = skipped > 0 ? skip(bytes, at, end) : structure(bytes, at, end);
        case NAME -> at = name(bytes, at, end);
        case TEXT -> at = text(bytes, at, end);
        case BASE64 -> at = base64(bytes, at, end);
        case NUMBER -> at = number(bytes, at, end);
      }
    }
  }

  private int skip(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end) {
      switch (bytes[at++]) {
        case '"' -> {
          in = In.TEXT;
          at = text(bytes, at, end);
        }
        case '{', '[' -> skipped++;
        case '}', ']' -> {
          if (--skipped == 0) {
            return at;
          }
        }
        default -> {}
      }
    }
    return at;
  }

  private int structure(byte[] bytes, int from, int end) {
    int at = from;
    byte b = bytes[at++];
    switch (b) {
      case '"' -> {
        if (nameNext) {
          in = In.NAME;
          nameLength = 0;
        } else if (inside != null
            && depth == 1
            && path[0] == Node.ROOT
            && named().equals("bytes")) {
          in = In.BASE64;
          inside.begin();
        } else {
          in = In.TEXT;
        }
      }
      case '{' -> open();
      case '[' -> {
        if (depth == 0) {
          path[depth++] = Node.LIST;
        } else {
          skipped = 1;
        }
        nameNext = false;
      }
      case '}', ']' -> close();
      case ',' -> nameNext = depth > 0 && path[depth - 1] != Node.LIST;
      case ':' -> nameNext = false;
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
        in = In.NUMBER;
        number = b - '0';
        whole = true;
      }
      default -> {}
    }
    return at;
  }

  private void open() {
    if (depth == 0 || (depth == 1 && path[0] == Node.LIST)) {
      path[depth++] = Node.ROOT;
      nameNext = true;
      return;
    }
    Node node = child(path[depth - 1], named());
    if (node == null || depth == MOST_DEPTH) {
      skipped = 1;
      return;
    }
    if (node == Node.USAGE || node == Node.META) {
      tally.begin(path[depth - 1] == Node.MESSAGE);
    }
    path[depth++] = node;
    nameNext = true;
  }

  private void close() {
    if (depth > 0) {
      Node node = path[--depth];
      if (node == Node.USAGE || node == Node.META) {
        tally.commit();
      }
    }
    nameNext = false;
  }

  private static @Nullable Node child(Node parent, String name) {
    return switch (parent) {
      case ROOT ->
          switch (name) {
            case "usage", "usageMetadata" -> Node.USAGE;
            case "response" -> Node.RESPONSE;
            case "message" -> Node.MESSAGE;
            case "x_groq", "delta" -> Node.HOLDER;
            case "meta" -> Node.META;
            case "amazon-bedrock-invocationMetrics" -> Node.METRICS;
            default -> null;
          };
      case RESPONSE ->
          switch (name) {
            case "usage", "usageMetadata" -> Node.USAGE;
            case "meta" -> Node.META;
            default -> null;
          };
      case MESSAGE, HOLDER -> name.equals("usage") ? Node.USAGE : null;
      case USAGE, META ->
          switch (name) {
            case "tokens" -> Node.TOKENS;
            case "billed_units" -> Node.BILLED;
            case "prompt_tokens_details", "input_tokens_details" -> Node.DETAILS;
            default -> null;
          };
      case LIST, DETAILS, TOKENS, BILLED, METRICS -> null;
    };
  }

  private void counted() {
    if (depth == 0 || nameNext || !whole) {
      return;
    }
    Node node = path[depth - 1];
    switch (node) {
      case USAGE -> inUsage(named());
      case DETAILS -> {
        switch (named()) {
          case "cached_tokens" -> tally.count(Counter.CACHED, number);
          case "cache_write_tokens" -> tally.count(Counter.WRITTEN, number);
          default -> {}
        }
      }
      case TOKENS -> {
        switch (named()) {
          case "input_tokens" -> tally.count(Counter.INPUT, number);
          case "output_tokens" -> tally.count(Counter.OUTPUT, number);
          default -> {}
        }
      }
      case BILLED -> {
        switch (named()) {
          case "input_tokens" -> tally.count(Counter.BILLED_INPUT, number);
          case "output_tokens" -> tally.count(Counter.BILLED_OUTPUT, number);
          default -> {}
        }
      }
      case METRICS -> {
        switch (named()) {
          case "inputTokenCount" -> tally.added(Counter.INPUT, number);
          case "outputTokenCount" -> tally.added(Counter.OUTPUT, number);
          default -> {}
        }
      }
      case ROOT -> {
        // Ollama; Llama and Titan behind Bedrock's /invoke.
        switch (named()) {
          case "prompt_eval_count", "prompt_token_count", "inputTextTokenCount" ->
              tally.lone(Counter.INPUT, number);
          case "eval_count", "generation_token_count", "totalOutputTextTokenCount" ->
              tally.lone(Counter.OUTPUT, number);
          default -> {}
        }
      }
      case LIST, RESPONSE, MESSAGE, HOLDER, META -> {}
    }
  }

  private void inUsage(String field) {
    switch (field) {
      case "prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens" ->
          tally.count(Counter.INPUT, number);
      case "completion_tokens", "output_tokens", "candidatesTokenCount", "outputTokens" ->
          tally.count(Counter.OUTPUT, number);
      case "total_tokens", "totalTokenCount", "totalTokens" -> tally.count(Counter.TOTAL, number);
      case "thoughtsTokenCount" -> tally.count(Counter.THOUGHTS, number);
      case "toolUsePromptTokenCount" -> tally.count(Counter.TOOL_PROMPT, number);
      case "cached_tokens",
          "num_cached_tokens",
          "cachedContentTokenCount",
          "prompt_cache_hit_tokens" ->
          tally.count(Counter.CACHED, number);
      case "cache_read_input_tokens", "cacheReadInputTokens" -> {
        tally.count(Counter.CACHED, number);
        tally.cacheBeside();
      }
      case "cache_creation_input_tokens", "cacheWriteInputTokens" -> {
        tally.count(Counter.WRITTEN, number);
        tally.cacheBeside();
      }
      default -> {}
    }
  }

  /** The name of the field whose value begins; empty when it is none of those that matter. */
  private String named() {
    return nameLength > MOST_NAME ? "" : Names.of(name, 0, nameLength);
  }

  private int name(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end) {
      byte b = bytes[at++];
      if (escaped) {
        escaped = false;
        nameLength = MOST_NAME + 1;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == '"') {
        in = In.STRUCTURE;
        nameNext = false;
        return at;
      } else if (nameLength < MOST_NAME) {
        name[nameLength++] = b;
      } else {
        nameLength = MOST_NAME + 1;
      }
    }
    return at;
  }

  private int text(byte[] bytes, int from, int end) {
    int at = from;
    if (escaped) {
      escaped = false;
      at++;
    }
    while (at < end) {
      byte b = bytes[at++];
      if (b == '"') {
        in = In.STRUCTURE;
        return at;
      }
      if (b == '\\') {
        if (at == end) {
          escaped = true;
        } else {
          at++;
        }
      }
    }
    return at;
  }

  private int base64(byte[] bytes, int from, int end) {
    int at = from;
    Base64Feed feed = inside;
    while (at < end && bytes[at] != '"') {
      at++;
    }
    if (feed != null) {
      feed.feed(bytes, from, at);
    }
    if (at < end) {
      in = In.STRUCTURE;
      at++;
    }
    return at;
  }

  private int number(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end) {
      byte b = bytes[at];
      if (b >= '0' && b <= '9') {
        number = number > 99_999_999_999_999L ? number : number * 10 + (b - '0');
      } else if (b == '.' || b == 'e' || b == 'E' || b == '+' || b == '-') {
        whole = false;
      } else {
        in = In.STRUCTURE;
        counted();
        return at;
      }
      at++;
    }
    return at;
  }
}
