package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Walks once over a request's JSON and reports what a provider counts: texts, messages, tools and
 * their schemas, media, and the largest output that is asked for. The field's name and the place it
 * is in decide, for all the APIs alike (chat, responses, messages, completions, embeddings, rerank,
 * Gemini, Converse, Ollama). Builds no tree, copies nothing; anything that is no JSON ends the
 * walk.
 */
final class RequestWalk {
  private static final int MOST_DEPTH = 60;
  private static final int SMALL_STRING = 64;

  /** The depth at which a message lies: in a list in the request. */
  private static final int MESSAGE = 3;

  private static final Set<String> IMAGE_FORMATS = Set.of("png", "jpeg", "gif", "webp");
  private static final Set<String> AUDIO_FORMATS = Set.of("wav", "mp3");

  /** What a value is, by the way to it. */
  private enum At {
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

  private final byte[] body;
  private final int end;
  private final Size size;
  private int at;
  private int depth;

  /** Where the name of the field lies whose value is read. */
  private int nameFrom;

  private int nameEnd;

  /** Where the text of the string lies that {@link #quoted} has passed. */
  private int textFrom;

  private int textEnd;

  /**
   * The kind of medium that is read, whether its bytes or address were seen, whether it is text.
   */
  private Size.Media medium = Size.Media.FILE;

  private boolean seen;
  private boolean plain;

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
    this.body = body;
    this.end = Math.min(length, body.length);
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

  /** The body ended, or is no JSON. Without a trace: this is no fault. */
  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final Cut CUT = new Cut();

    private Cut() {
      super(null, null, false, false);
    }
  }

  private void space() {
    while (at < end && body[at] <= ' ' && body[at] >= 0) {
      at++;
    }
  }

  private byte peek() {
    space();
    if (at >= end) {
      throw Cut.CUT;
    }
    return body[at];
  }

  /** Moves behind the closing quote of the string that begins here; its text ends before it. */
  private void string() {
    at++;
    while (true) {
      at = Swar.quoteOrEscape(body, at, end);
      if (at >= end) {
        throw Cut.CUT;
      }
      // Escapes often come in rows, which eight bytes a step would be slower for.
      while (at < end && body[at] == '\\') {
        at += 2;
      }
      if (at < end && body[at] == '"') {
        at++;
        return;
      }
    }
  }

  /** Moves behind the value that begins here. */
  private void skip() {
    byte first = peek();
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      int open = 0;
      while (at < end) {
        switch (body[at]) {
          case '"' -> {
            string();
            continue;
          }
          case '{', '[' -> open++;
          case '}', ']' -> open--;
          default -> {}
        }
        at++;
        if (open == 0) {
          return;
        }
      }
      throw Cut.CUT;
    } else {
      scalar();
    }
  }

  /** Moves behind the value; when it is a string, its text lies where the fields say. */
  private boolean quoted(byte first) {
    int from = at + 1;
    skip();
    if (first != '"') {
      return false;
    }
    textFrom = from;
    textEnd = at - 1;
    return true;
  }

  /** A field that tells nothing by itself: what it holds may. */
  private void below(At where, byte first) {
    if (first == '"') {
      skip();
    } else {
      value(where);
    }
  }

  private void scalar() {
    while (at < end) {
      byte b = body[at];
      if (b == ',' || b == '}' || b == ']' || (b <= ' ' && b >= 0)) {
        return;
      }
      at++;
    }
  }

  private void value(At where) {
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
      case MEDIA -> media(from, to);
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
    Size.Media before = medium;
    while (true) {
      byte next = peek();
      if (next == '}') {
        at++;
        depth--;
        if (where == At.MEDIA) {
          medium = before;
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

  private String name() {
    return Names.of(body, nameFrom, nameEnd);
  }

  private void field(At where, byte first) {
    switch (where) {
      case TOP -> top(name(), first);
      case CONTENT -> content(name(), first);
      case CALLS -> call(name(), first);
      case TOOLS -> tool(name(), first);
      case SCHEMA -> schema(name(), first);
      case PROPERTIES -> {
        size.property(body, nameFrom, nameEnd);
        value(At.SCHEMA);
      }
      case FORMAT -> {
        switch (name()) {
          case "schema", "responseSchema" -> schemaOf();
          case "responseJsonSchema" -> {
            size.foreignFormat = true;
            schemaOf();
          }
          case "json_schema" -> {
            if (size.scripted()) {
              value(At.FORMAT); // shown without the name and what else is around it
            } else {
              schemaOf();
            }
          }
          case "format" -> value(At.FORMAT);
          default -> skip();
        }
      }
      case CONFIG -> config(name(), first);
      case MEDIA -> mediaField(name(), first);
      default -> skip();
    }
  }

  /** A schema of the answer: written out like a tool's. */
  private void schemaOf() {
    int from = at;
    skip();
    size.format(body, from, at);
    for (int i = from; i < at; i++) {
      if (body[i] == 'a' && starts(i, at, "additionalProperties\":")) {
        size.closed++;
      }
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
      case "tools", "functions", "toolConfig", "tool_config" -> tools();
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
          new String(body, from, Math.min(at - from, SMALL_STRING), StandardCharsets.ISO_8859_1);
      size.thinking |= value.contains(word);
      size.thinkingOff |= value.contains("disabled");
    }
  }

  private void tools() {
    if (peek() != '[' && peek() != '{') {
      skip();
      return;
    }
    int from = at;
    int before = size.tools;
    value(At.TOOLS);
    if (size.tools > before) {
      size.raw(body, from, at);
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
      case "responseSchema", "response_schema" -> schemaOf();
      case "responseJsonSchema" -> {
        size.foreignFormat = true;
        schemaOf();
      }
      default -> skip();
    }
  }

  /** The number that begins here; -1 when there is none. */
  private long integer(byte first) {
    if (first < '0' || first > '9') {
      skip();
      return -1;
    }
    long value = 0;
    while (at < end && body[at] >= '0' && body[at] <= '9') {
      value = Math.min(value * 10 + (body[at] - '0'), 1_000_000_000L);
      at++;
    }
    scalar();
    return value;
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
      case "image_url", "image", "images" -> medium(Size.Media.IMAGE);
      case "inlineData",
          "inline_data",
          "fileData",
          "file_data",
          "source",
          "file",
          "document",
          "input_file" ->
          medium(Size.Media.FILE);
      case "input_audio", "audio" -> medium(Size.Media.AUDIO);
      case "video", "video_url" -> medium(Size.Media.VIDEO);
      case "tools" -> tools();
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
    boolean string = first == '"';
    switch (name) {
      case "name" -> {
        if (string) {
          size.call();
        }
        value(At.CONTENT);
      }
      case "arguments", "args", "input", "parameters" -> {
        if (string) {
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

  private void tool(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "name" -> {
        if (quoted(first)) {
          size.tool(body, textFrom, textEnd);
        }
      }
      case "description" -> {
        if (quoted(first)) {
          size.toolText(body, textFrom, textEnd);
        }
      }
      case "parameters",
          "input_schema",
          "inputSchema",
          "schema",
          "parametersJsonSchema",
          "parameters_json_schema",
          "parameter_definitions" ->
          value(name.equals("parameter_definitions") ? At.PROPERTIES : At.SCHEMA);
      case "function" -> {
        size.wrapped = true;
        below(At.TOOLS, first);
      }
      default -> below(At.TOOLS, first);
    }
  }

  private void schema(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "properties", "$defs", "definitions" -> {
        if (first == '{') {
          size.properties();
          value(At.PROPERTIES);
        } else {
          skip();
        }
      }
      case "type", "description" -> {
        if (quoted(first)) {
          size.toolText(body, textFrom, textEnd);
        }
      }
      case "enum" -> value(At.ENUM);
      default -> {
        if (first == '{' || (first == '[' && !name.equals("required"))) {
          value(At.SCHEMA);
        } else {
          skip();
        }
      }
    }
  }

  private void medium(Size.Media kind) {
    byte first = peek();
    medium = kind;
    seen = false;
    plain = false;
    value(At.MEDIA);
    if (!seen && first == '{') {
      size.media(kind, 0, 0); // named by an id
    }
  }

  private void mediaField(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "media_type", "mimeType", "mime_type", "format" -> {
        if (quoted(first)) {
          kind(textFrom, textEnd);
        }
      }
      case "data", "bytes", "url", "file_data", "uri", "fileUri", "file_uri" -> {
        if (string) {
          int from = at + 1;
          string();
          media(from, at - 1);
        } else {
          seen = true; // Cohere's documents: fields of text
          value(At.CONTENT);
        }
      }
      case "text", "content" -> {
        seen = true;
        value(At.CONTENT);
      }
      case "detail" -> {
        size.lowDetail |= quoted(first) && textEnd - textFrom == 3; // "low"
      }
      default -> below(At.MEDIA, first);
    }
  }

  private void kind(int from, int to) {
    String type =
        new String(body, from, Math.min(to - from, SMALL_STRING), StandardCharsets.ISO_8859_1);
    if (type.startsWith("image/") || IMAGE_FORMATS.contains(type)) {
      medium = Size.Media.IMAGE;
    } else if (type.startsWith("audio/") || AUDIO_FORMATS.contains(type)) {
      medium = Size.Media.AUDIO;
    } else if (type.startsWith("video/")) {
      medium = Size.Media.VIDEO;
    } else if (type.startsWith("text/")) {
      plain = true;
    }
  }

  private void media(int from, int to) {
    seen = true;
    Size.Media kind = kindOf(from, to);
    if ((plain || kind == Size.Media.FILE && words(from, to)) && !starts(from, to, "data:")) {
      plain = false;
      size.text(body, from, to); // a document that is text
      return;
    }
    plain = false;
    long pixels = kind == Size.Media.IMAGE ? Pixels.of(body, from, to) : 0;
    size.media(kind, to - from, pixels);
  }

  /** What its beginning tells: the field that names the type may stand behind the bytes. */
  private Size.Media kindOf(int from, int to) {
    if (starts(from, to, "data:image")) {
      return Size.Media.IMAGE;
    }
    if (starts(from, to, "data:audio")) {
      return Size.Media.AUDIO;
    }
    if (starts(from, to, "data:video")) {
      return Size.Media.VIDEO;
    }
    // Base64 of the magic numbers of PNG, JPEG, GIF; of RIFF's two kinds; of MP3.
    if (starts(from, to, "iVBORw") || starts(from, to, "/9j/") || starts(from, to, "R0lGOD")) {
      return Size.Media.IMAGE;
    }
    if (starts(from, to, "UklGR")) {
      return starts(from + 12, to, "RUJQ") ? Size.Media.IMAGE : Size.Media.AUDIO;
    }
    if (medium == Size.Media.FILE && (starts(from, to, "SUQz") || starts(from, to, "//uQ"))) {
      return Size.Media.AUDIO;
    }
    return medium;
  }

  /** Whether it is a text after all: Base64 and addresses have no spaces. */
  private boolean words(int from, int to) {
    for (int i = from; i < Math.min(to, from + SMALL_STRING); i++) {
      if (body[i] == ' ' || body[i] == '{') {
        return true;
      }
    }
    return false;
  }

  private boolean starts(int from, int to, String text) {
    if (to - from < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (body[from + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
