package dev.paceline.tokens;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the few top-level fields of a request's body that Paceline needs. Everything else is
 * skipped without being decoded; a body that is no JSON object (multipart, protobuf) says nothing.
 */
public final class ModelReader extends JsonCursor {
  private static final int MAX_MODEL = 200;

  /** A character takes six bytes at most, as an escape. */
  private static final int MAX_MODEL_BYTES = 6 * MAX_MODEL;

  private final boolean inPath;
  private String model;
  private boolean stream;
  private boolean tools;
  private boolean state;

  private ModelReader(byte[] body, int length, String modelInPath) {
    super(body, length);
    this.inPath = !modelInPath.isEmpty();
    this.model = bounded(modelInPath);
  }

  /** Everything, in one pass over the first {@code length} bytes. The path's model wins. */
  public static BodyFacts read(Endpoint endpoint, byte[] body, int length) {
    ModelReader reader = new ModelReader(body, length, endpoint.modelInPath());
    try {
      reader.fields();
    } catch (Cut e) {
      // No JSON after all, or cut off: what was read until here counts.
    }
    return new BodyFacts(reader.model, reader.stream, reader.tools, reader.state);
  }

  private void fields() {
    if (peek() != '{') {
      return;
    }
    at++;
    while (true) {
      byte next = peek();
      if (next == ',') {
        at++;
        continue;
      }
      if (next != '"') {
        return;
      }
      nameFrom = at + 1;
      string();
      nameEnd = at - 1;
      if (peek() != ':') {
        return;
      }
      at++;
      field(name(), peek());
    }
  }

  private void field(String name, byte first) {
    switch (name) {
      case "model" -> {
        if (quoted(first) && !inPath) {
          model = bounded(text());
        }
      }
      case "stream" -> {
        stream = first == 't';
        skip();
      }
      case "store", "background" -> {
        state |= first == 't';
        skip();
      }
      case "previous_response_id", "conversation", "container", "thread_id" -> {
        state |= first != 'n';
        skip();
      }
      case "tools", "functions", "toolConfig", "mcp_servers" -> {
        tools |= first == '{' || (first == '[' && hasElements());
        skip();
      }
      default -> skip();
    }
  }

  /** Of the array that begins here. */
  private boolean hasElements() {
    int from = at++;
    boolean some = peek() != ']';
    at = from;
    return some;
  }

  private String text() {
    int length = Math.min(textEnd - textFrom, MAX_MODEL_BYTES);
    String text = new String(body, textFrom, length, StandardCharsets.UTF_8);
    return text.indexOf('\\') < 0 ? text : decoded(text);
  }

  /** Some serialisers escape slashes, or all that is not ASCII. */
  private static String decoded(String text) {
    try (JsonParser parser = new JsonFactory().createParser('"' + text + '"')) {
      parser.nextToken();
      return parser.getText();
    } catch (IOException e) {
      return text;
    }
  }

  private static String bounded(String model) {
    if (model.isEmpty()) {
      return BodyFacts.UNKNOWN_MODEL;
    }
    return model.length() <= MAX_MODEL ? model : model.substring(0, MAX_MODEL);
  }
}
