package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tools as OpenAI's models are shown them: declarations in a kind of TypeScript, as the Harmony
 * format documents it and as counts of recorded requests confirm to two or three tokens for older
 * models too. Written as the inside of a JSON string, for texts are copied as the request escapes
 * them. Each object is looked over once a level, so that the work is bounded by size times depth.
 */
final class ToolScript {
  private static final int MOST_DEPTH = 16;

  private static final byte[] HEAD =
      bytes("# Tools\\n\\n## functions\\n\\nnamespace functions {\\n\\n");
  private static final byte[] TAIL = bytes("} // namespace functions");
  private static final byte[] COMMENT = bytes("// ");
  private static final byte[] LINE = bytes("\\n");
  private static final byte[] TYPE = bytes("type ");
  private static final byte[] IS = bytes(" = (");
  private static final byte[] TAKES = bytes("_: ");
  private static final byte[] GIVES = bytes(") => any;\\n\\n");
  private static final byte[] ANY = bytes("any");
  private static final byte[] OPEN = bytes("{\\n");
  private static final byte[] CLOSE = bytes("}");
  private static final byte[] LIST = bytes("[]");
  private static final byte[] OR = bytes(" | ");
  private static final byte[] COLON = bytes(": ");
  private static final byte[] COMMA = bytes(",");
  private static final byte[] DEFAULT = bytes(" // default: ");
  private static final byte[] QUOTE = bytes("\\\"");

  private final byte[] body;
  private final int end;
  private byte[] out;
  private int length;
  private int tools;

  /** Behind the name whose value was asked for last. */
  private int nameEnd;

  private ToolScript(byte[] body, int from, int end) {
    this.body = body;
    this.end = end;
    this.out = new byte[Math.max(256, end - from)];
  }

  /** The declarations of the tools in the JSON between two places; nothing when there are none. */
  static ToolScript of(byte[] body, int from, int end) {
    ToolScript script = new ToolScript(body, from, end);
    script.put(HEAD);
    script.tools(from, 0);
    script.put(TAIL);
    script.length = script.tools == 0 ? 0 : script.length;
    return script;
  }

  double count(TokenMeter meter) {
    return meter.count(out, 0, length);
  }

  @Override
  public String toString() {
    return Unescape.text(out, 0, length);
  }

  /** Where the members of an object begin that are asked for; -1 where there is none. */
  private static final class Members {
    int name = -1;
    int description = -1;
    int parameters = -1;
    int inner = -1;
    int tools = -1;
    int type = -1;
    int options = -1;
    int union = -1;
    int properties = -1;
    int items = -1;
    int fallback = -1;
    int constant = -1;
  }

  private static final Members NONE = new Members();

  private void tools(int at, int depth) {
    if (depth > MOST_DEPTH || at >= end) {
      return;
    }
    if (body[at] == '[') {
      for (int element = first(at); element >= 0; element = after(element)) {
        tools(element, depth + 1);
      }
      return;
    }
    if (body[at] != '{') {
      return;
    }
    Members tool = members(at);
    if (tool.tools >= 0) {
      tools(tool.tools, depth + 1);
    } else if (tool.inner >= 0) {
      tools(tool.inner, depth + 1);
    } else if (tool.name >= 0) {
      tools++;
      comment(tool.description);
      put(TYPE);
      text(tool.name);
      put(IS);
      Members schema = tool.parameters < 0 ? NONE : members(tool.parameters);
      if (schema.properties >= 0 && first(schema.properties) >= 0) {
        put(TAKES);
        type(schema, depth + 1);
      }
      put(GIVES);
    }
  }

  private void comment(int description) {
    if (description >= 0 && body[description] == '"' && body[description + 1] != '"') {
      put(COMMENT);
      text(description);
      put(LINE);
    }
  }

  private void type(Members schema, int depth) {
    if (depth > MOST_DEPTH) {
      put(ANY);
    } else if (schema.options >= 0) {
      union(schema.options, depth);
    } else if (schema.constant >= 0) {
      literal(schema.constant, depth);
    } else if (schema.union >= 0) {
      union(schema.union, depth);
    } else if (schema.properties >= 0) {
      put(OPEN);
      properties(schema.properties, depth + 1);
      put(CLOSE);
    } else if (schema.items >= 0) {
      type(members(schema.items), depth + 1);
      put(LIST);
    } else if (schema.type >= 0) {
      type(schema.type);
    } else {
      put(ANY);
    }
  }

  /** One of several values or schemas; a single one as it is. */
  private void union(int at, int depth) {
    if (body[at] != '[') {
      text(at);
      return;
    }
    boolean before = false;
    for (int element = first(at); element >= 0; element = after(element)) {
      if (before) {
        put(OR);
      }
      before = true;
      literal(element, depth);
    }
  }

  /** The name of a type, or several. */
  private void type(int at) {
    if (body[at] != '[') {
      text(at);
      return;
    }
    boolean before = false;
    for (int element = first(at); element >= 0; element = after(element)) {
      if (before) {
        put(OR);
      }
      before = true;
      text(element);
    }
  }

  /** A schema as a type, anything else as it is. */
  private void literal(int at, int depth) {
    if (body[at] == '{') {
      type(members(at), depth + 1);
    } else if (body[at] == '"') {
      put(QUOTE);
      text(at);
      put(QUOTE);
    } else {
      put(body, at, behind(at));
    }
  }

  /** What a string holds, as it is escaped; nothing when it is none. */
  private void text(int at) {
    if (body[at] == '"') {
      put(body, at + 1, Math.max(at + 1, behind(at) - 1));
    }
  }

  private void properties(int at, int depth) {
    if (body[at] != '{') {
      return;
    }
    int value;
    for (int name = first(at); name >= 0 && (value = value(name)) >= 0; name = after(value)) {
      Members schema = members(value);
      comment(schema.description);
      text(name);
      put(COLON);
      type(schema, depth);
      put(COMMA);
      if (schema.fallback >= 0) {
        put(DEFAULT);
        literal(schema.fallback, depth);
      }
      put(LINE);
    }
  }

  private Members members(int object) {
    if (body[object] != '{') {
      return NONE;
    }
    Members found = new Members();
    int value;
    for (int name = first(object); name >= 0 && (value = value(name)) >= 0; name = after(value)) {
      switch (Names.of(body, name + 1, nameEnd - 1)) {
        case "name" -> found.name = value;
        case "description" -> found.description = value;
        case "parameters", "input_schema" -> found.parameters = value;
        case "function", "custom" -> found.inner = value;
        case "tools", "functions" -> found.tools = value;
        case "type" -> found.type = value;
        case "enum" -> found.options = value;
        case "anyOf", "oneOf", "allOf" -> found.union = value;
        case "properties" -> found.properties = body[value] == '{' ? value : -1;
        case "items" -> found.items = value;
        case "default" -> found.fallback = value;
        case "const" -> found.constant = value;
        default -> {}
      }
    }
    return found;
  }

  // A small reader over the bytes: where values begin, -1 for none.

  /** The first element, or the first name. */
  private int first(int container) {
    int at = space(container + 1);
    return at >= end || body[at] == '}' || body[at] == ']' ? -1 : at;
  }

  /** The value of the name that begins here. */
  private int value(int name) {
    if (body[name] != '"') {
      return -1;
    }
    nameEnd = string(name);
    int colon = space(nameEnd);
    int at = colon < end && body[colon] == ':' ? space(colon + 1) : end;
    return at < end ? at : -1;
  }

  /** The element, or the name, behind the value that begins here. */
  private int after(int value) {
    int behind = behind(value);
    int at = space(behind);
    if (behind == value || at >= end || body[at] != ',') {
      return -1;
    }
    at = space(at + 1);
    return at >= end || body[at] == '}' || body[at] == ']' ? -1 : at;
  }

  private int behind(int value) {
    if (body[value] == '"') {
      return string(value);
    }
    int at = value;
    if (body[at] == '{' || body[at] == '[') {
      int open = 0;
      while (at < end) {
        byte b = body[at];
        if (b == '"') {
          at = string(at);
          continue;
        }
        at++;
        open += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
        if (open == 0) {
          break;
        }
      }
      return at;
    }
    while (at < end && body[at] > ' ' && body[at] != ',' && body[at] != '}' && body[at] != ']') {
      at++;
    }
    return at;
  }

  private int string(int quote) {
    int at = quote + 1;
    while (at < end && body[at] != '"') {
      at = Swar.quoteOrEscape(body, at, end);
      at += at < end && body[at] == '\\' ? 2 : 0;
    }
    return Math.min(end, at + 1);
  }

  private int space(int from) {
    int at = from;
    while (at < end && body[at] >= 0 && body[at] <= ' ') {
      at++;
    }
    return at;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void put(byte[] bytes) {
    put(bytes, 0, bytes.length);
  }

  private void put(byte[] bytes, int from, int to) {
    if (length + to - from > out.length) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, length + to - from));
    }
    System.arraycopy(bytes, from, out, length, to - from);
    length += to - from;
  }
}
