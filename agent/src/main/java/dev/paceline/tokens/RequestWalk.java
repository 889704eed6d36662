package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks once over a request's JSON and reports what a provider counts: texts, messages, tools and
 * their schemas, media, and the largest output that is asked for. The field's name and the place it
 * is in decide, for all the APIs alike (chat, responses, messages, completions, embeddings, rerank,
 * Gemini, Converse, Ollama). Anything that is no JSON ends the walk.
 */
final class RequestWalk extends JsonCursor {
  private static final int MOST_DEPTH = 60;

  /** The depth at which a message lies: in a list in the request. */
  private static final int MESSAGE = 3;

  /** What a value is, by the way to it. */
  enum At {
    TOP,
    /** Messages and their parts, at any depth. */
    CONTENT,
    /** An image, a file, a sound: its bytes are no text. */
    MEDIA,
    TOOLS,
    /** Calls of tools in earlier answers. */
    CALLS,
    SCHEMA,
    PROPERTIES,
    ENUM,
    FORMAT,
    CONFIG,
    INPUT,
    NOTHING
  }

  final Size size;
  private final MediaFields media = new MediaFields(this);
  private final ToolFields tools = new ToolFields(this);
  private int depth;

  /** What the texts are that are read: thinking of the model, or a summary of it. */
  private boolean thought;

  private boolean summary;

  /** Of the message that is read: whether the user asks something, or tools answer. */
  private boolean asks;

  private boolean results;

  /** Where the last thinking in plain text lies. */
  private int thoughtFrom;

  private int thoughtEnd;

  private RequestWalk(byte[] body, int length, Size size) {
    super(body, length);
    this.size = size;
  }

  static void walk(byte[] body, int length, Size size) {
    RequestWalk walk = new RequestWalk(body, length, size);
    walk.space();
    if (walk.at < walk.end && body[walk.at] == '{') {
      size.json = true;
      try {
        walk.value(At.TOP);
      } catch (Cut e) {
        // Cut off or no JSON: what was read until here counts.
      }
    }
  }

  /** A field that tells nothing by itself: what it holds may. */
  void below(At where, byte first) {
    if (first == '"') {
      skip();
    } else {
      value(where);
    }
  }

  void value(At where) {
    byte first = peek();
    switch (first) {
      case '{' -> object(where);
      case '[' -> array(where);
      case '"' -> {
        int from = at + 1;
        string();
        text(where, from, at - 1);
      }
      default -> {
        int from = at;
        scalar();
        if (at == from) {
          throw Cut.CUT;
        }
        if (where == At.INPUT) {
          size.tokenIds++; // a prompt that is tokens already
        }
      }
    }
  }

  private void text(At where, int from, int to) {
    switch (where) {
      case CONTENT, INPUT -> {
        if (thought) {
          size.thought(body, from, to);
        } else if (summary) {
          size.summary(body, from, to);
        } else {
          size.text(body, from, to);
        }
      }
      case ENUM -> size.enumValue(body, from, to);
      case MEDIA -> media.value(from, to);
      default -> {}
    }
  }

  private void array(At where) {
    at++;
    if (++depth > MOST_DEPTH) {
      throw Cut.CUT;
    }
    while (true) {
      byte next = peek();
      if (next == ']') {
        at++;
        depth--;
        return;
      }
      if (next == ',') {
        at++;
        continue;
      }
      if (where == At.MEDIA && next == '"') {
        size.media(Size.Media.IMAGE, 0, 0); // Ollama's list of images
        string();
      } else {
        value(where == At.INPUT && next == '{' ? At.CONTENT : where);
      }
    }
  }

  private void object(At where) {
    at++;
    if (++depth > MOST_DEPTH) {
      throw Cut.CUT;
    }
    boolean message = depth == MESSAGE && where == At.CONTENT;
    if (message) {
      asks = false;
      results = false;
    }
    Size.Media before = media.kind();
    while (true) {
      byte next = peek();
      if (next == '}') {
        at++;
        depth--;
        if (where == At.MEDIA) {
          media.back(before);
        }
        if (message && asks && !results) {
          size.thought = 0; // templates leave out what was thought before the user's last message
        }
        return;
      }
      if (next == ',') {
        at++;
        continue;
      }
      if (next != '"') {
        throw Cut.CUT;
      }
      nameFrom = at + 1;
      string();
      nameEnd = at - 1;
      if (peek() != ':') {
        throw Cut.CUT;
      }
      at++;
      field(where, peek());
    }
  }

  private void field(At where, byte first) {
    switch (where) {
      case TOP -> top(name(), first);
      case CONTENT -> content(name(), first);
      case CALLS -> call(name(), first);
      case TOOLS -> tools.field(name(), first);
      case SCHEMA -> tools.schemaField(name(), first);
      case PROPERTIES -> {
        size.property(body, nameFrom, nameEnd);
        value(At.SCHEMA);
      }
      case FORMAT -> {
        switch (name()) {
          case "schema", "responseSchema" -> tools.format();
          case "responseJsonSchema" -> {
            size.foreignFormat = true;
            tools.format();
          }
          case "json_schema" -> {
            if (size.scripted()) {
              value(At.FORMAT); // shown without the name and what else is around it
            } else {
              tools.format();
            }
          }
          case "format" -> value(At.FORMAT);
          default -> skip();
        }
      }
      case CONFIG -> config(name(), first);
      case MEDIA -> media.field(name(), first);
      default -> skip();
    }
  }

  private void top(String name, byte first) {
    switch (name) {
      case "messages",
          "contents",
          "content",
          "system",
          "systemInstruction",
          "system_instruction",
          "chat_history",
          "documents",
          "message",
          "preamble",
          "query",
          "inputText",
          "suffix",
          "texts",
          "inputs" -> {
        if (name.startsWith("system")) {
          size.system = true;
          size.instructed = true;
        } else if (name.equals("message")) {
          size.message();
        }
        value(At.CONTENT);
      }
      case "instructions" -> {
        if (first == '"') {
          size.message();
          size.instructed = true;
        }
        value(At.CONTENT);
      }
      case "input", "prompt" -> {
        size.completion |= name.equals("prompt");
        size.stringInput |= first == '"';
        value(At.INPUT);
      }
      case "reasoning" -> thinking(first, "e");
      case "requests",
          "generateContentRequest",
          "converse",
          "invokeModel",
          "additionalModelRequestFields" -> {
        if (first == '"') {
          skip();
        } else {
          value(At.TOP);
        }
      }
      case "tools", "functions", "toolConfig", "tool_config" -> tools.list();
      case "response_format", "text" -> value(At.FORMAT);
      case "generationConfig",
          "generation_config",
          "inferenceConfig",
          "options",
          "textGenerationConfig" ->
          value(At.CONFIG);
      case "thinking", "reasoning_config" -> thinking(first, "enabled");
      default -> config(name, first);
    }
  }

  /** Thinking that the request switches on. */
  private void thinking(byte first, String word) {
    int from = at;
    skip();
    if (first == '{') {
      String value =
          new String(
              body,
              from,
              Math.min(at - from, JsonCursor.SMALL_STRING),
              StandardCharsets.ISO_8859_1);
      size.thinking |= value.contains(word);
      size.thinkingOff |= value.contains("disabled");
    }
  }

  private void config(String name, byte first) {
    switch (name) {
      case "max_tokens",
          "max_completion_tokens",
          "max_output_tokens",
          "max_tokens_to_sample",
          "max_gen_len",
          "maxTokens",
          "maxOutputTokens",
          "maxTokenCount",
          "max_new_tokens",
          "num_predict" -> {
        size.maxOutput = Math.max(size.maxOutput, integer(first));
      }
      case "n", "best_of", "candidateCount" -> {
        size.choices = (int) Math.max(size.choices, Math.min(integer(first), 128));
      }
      case "responseSchema", "response_schema" -> tools.format();
      case "responseJsonSchema" -> {
        size.foreignFormat = true;
        tools.format();
      }
      default -> skip();
    }
  }

  private void content(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "role" -> {
        size.message();
        if (quoted(first) && textEnd > textFrom) {
          asks |= body[textFrom] == 'u';
          // "system", "developer"
          size.instructed |= body[textFrom] == 's' || body[textFrom] == 'd';
        }
      }
      case "tool_use_id", "toolUseId", "toolResult" -> {
        results = true;
        below(At.CONTENT, first);
      }
      case "text",
          "content",
          "refusal",
          "message",
          "title",
          "context",
          "prompt",
          "query",
          "snippet",
          "tool_plan",
          "instructions" ->
          value(At.CONTENT);
      case "reasoning", "reasoning_content", "thinking", "reasoningContent" -> {
        thought = string || name.equals("reasoningContent");
        int from = at;
        // Some send it under two names.
        if (!string || !sameThought(first)) {
          at = from;
          value(At.CONTENT);
        }
        thought = false;
      }
      case "summary" -> {
        summary = !string;
        value(At.CONTENT);
        summary = false;
      }
      case "encrypted_content", "thoughtSignature" -> {
        int from = at;
        skip();
        size.opaque(at - from);
      }
      case "name" -> {
        if (quoted(first)) {
          size.named(body, textFrom, textEnd);
        }
      }
      case "tool_calls", "function_call", "functionCall", "toolUse" -> value(At.CALLS);
      case "arguments", "output" -> {
        size.item();
        if (string || name.equals("output")) {
          value(At.CONTENT);
        } else {
          written();
        }
      }
      case "input", "args", "json", "parameters", "outputs", "response" -> {
        if (string) {
          value(At.CONTENT);
        } else {
          size.call();
          written();
        }
      }
      case "image_url", "image", "images" -> media.begin(Size.Media.IMAGE);
      case "inlineData",
          "inline_data",
          "fileData",
          "file_data",
          "source",
          "file",
          "document",
          "input_file" ->
          media.begin(Size.Media.FILE);
      case "input_audio", "audio" -> media.begin(Size.Media.AUDIO);
      case "video", "video_url" -> media.begin(Size.Media.VIDEO);
      case "tools" -> tools.list();
      default -> below(At.CONTENT, first);
    }
  }

  private boolean sameThought(byte first) {
    int before = thoughtFrom;
    int beforeEnd = thoughtEnd;
    quoted(first);
    thoughtFrom = textFrom;
    thoughtEnd = textEnd;
    return Arrays.equals(body, before, beforeEnd, body, textFrom, textEnd);
  }

  private void call(String name, byte first) {
    switch (name) {
      case "name" -> {
        if (first == '"') {
          size.call();
        }
        value(At.CONTENT);
      }
      case "arguments", "args", "input", "parameters" -> {
        if (first == '"') {
          value(At.CONTENT);
        } else {
          written();
        }
      }
      default -> below(At.CALLS, first);
    }
  }

  /** JSON that goes into the prompt as it is. */
  private void written() {
    int from = at;
    skip();
    size.text(body, from, at);
  }
}
