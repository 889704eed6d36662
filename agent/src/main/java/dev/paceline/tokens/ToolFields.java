package dev.paceline.tokens;

/** The fields of tools, and of the schemas of their arguments and of answers, in a request. */
final class ToolFields {
  private final RequestWalk walk;

  ToolFields(RequestWalk walk) {
    this.walk = walk;
  }

  /** A schema of the answer: written out like a tool's. */
  void format() {
    int from = walk.at;
    walk.skip();
    walk.size.format(walk.body, from, walk.at);
    for (int i = from; i < walk.at; i++) {
      if (walk.body[i] == 'a' && walk.starts(i, walk.at, "additionalProperties\":")) {
        walk.size.closed++;
      }
    }
  }

  void list() {
    if (walk.peek() != '[' && walk.peek() != '{') {
      walk.skip();
      return;
    }
    int from = walk.at;
    int before = walk.size.tools;
    walk.value(RequestWalk.At.TOOLS);
    if (walk.size.tools > before) {
      walk.size.raw(walk.body, from, walk.at);
    }
  }

  void field(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "name" -> {
        if (walk.quoted(first)) {
          walk.size.tool(walk.body, walk.textFrom, walk.textEnd);
        }
      }
      case "description" -> {
        if (walk.quoted(first)) {
          walk.size.toolText(walk.body, walk.textFrom, walk.textEnd);
        }
      }
      case "parameters",
          "input_schema",
          "inputSchema",
          "schema",
          "parametersJsonSchema",
          "parameters_json_schema",
          "parameter_definitions" ->
          walk.value(
              name.equals("parameter_definitions")
                  ? RequestWalk.At.PROPERTIES
                  : RequestWalk.At.SCHEMA);
      case "function" -> {
        walk.size.wrapped = true;
        walk.below(RequestWalk.At.TOOLS, first);
      }
      default -> walk.below(RequestWalk.At.TOOLS, first);
    }
  }

  void schemaField(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "properties", "$defs", "definitions" -> {
        if (first == '{') {
          walk.size.properties();
          walk.value(RequestWalk.At.PROPERTIES);
        } else {
          walk.skip();
        }
      }
      case "type", "description" -> {
        if (walk.quoted(first)) {
          walk.size.toolText(walk.body, walk.textFrom, walk.textEnd);
        }
      }
      case "enum" -> walk.value(RequestWalk.At.ENUM);
      default -> {
        if (first == '{' || (first == '[' && !name.equals("required"))) {
          walk.value(RequestWalk.At.SCHEMA);
        } else {
          walk.skip();
        }
      }
    }
  }
}
