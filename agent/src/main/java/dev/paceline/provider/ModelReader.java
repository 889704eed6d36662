package dev.paceline.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.paceline.provider.error.LenientJson;
import dev.paceline.words.Endpoint;
import java.io.IOException;

/**
 * Reads the few top-level fields of a request's body that Paceline needs. Everything else is
 * skipped without being decoded; a body that is no JSON object (multipart, protobuf) says nothing.
 */
public final class ModelReader {
  private static final int MAX_MODEL = 200;

  private ModelReader() {}

  /** The model only: reading stops as soon as it is found. */
  public static String model(Endpoint endpoint, byte[] body, int length) {
    return endpoint.modelInPath().isEmpty()
        ? scan(body, length, true, BodyFacts.UNKNOWN_MODEL).model()
        : bounded(endpoint.modelInPath());
  }

  /** Everything, in one pass over the first {@code length} bytes. The path's model wins. */
  public static BodyFacts read(Endpoint endpoint, byte[] body, int length) {
    String inPath = endpoint.modelInPath();
    return scan(body, length, false, inPath.isEmpty() ? BodyFacts.UNKNOWN_MODEL : bounded(inPath));
  }

  private static BodyFacts scan(byte[] body, int length, boolean modelOnly, String known) {
    int start = 0;
    int end = Math.min(length, body.length);
    while (start < end && body[start] <= ' ' && body[start] >= 0) {
      start++;
    }
    boolean inPath = !known.equals(BodyFacts.UNKNOWN_MODEL);
    if (start >= end || body[start] != '{') {
      return inPath ? new BodyFacts(known, false, false, false) : BodyFacts.NONE;
    }
    String model = known;
    boolean stream = false;
    boolean tools = false;
    boolean state = false;
    try (JsonParser parser = LenientJson.STRICT.createParser(body, start, end - start)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == null) {
          break;
        }
        switch (name) {
          case "model" -> {
            if (value == JsonToken.VALUE_STRING && !inPath) {
              model = bounded(parser.getText());
              if (modelOnly) {
                return new BodyFacts(model, false, false, false);
              }
            }
          }
          case "stream" -> stream = value == JsonToken.VALUE_TRUE;
          case "store", "background" -> state |= value == JsonToken.VALUE_TRUE;
          case "previous_response_id", "conversation", "container", "thread_id" ->
              state |= value != JsonToken.VALUE_NULL;
          case "tools", "functions", "toolConfig", "mcp_servers" -> {
            tools |=
                value == JsonToken.START_OBJECT
                    || (value == JsonToken.START_ARRAY
                        && parser.nextToken() != JsonToken.END_ARRAY);
            if (value == JsonToken.START_ARRAY && parser.currentToken() != JsonToken.END_ARRAY) {
              skipRestOfArray(parser);
              continue;
            }
          }
          default -> {}
        }
        parser.skipChildren();
      }
    } catch (IOException | RuntimeException e) {
      // No JSON after all, or cut off: what was read until here counts.
    }
    return new BodyFacts(model, stream, tools, state);
  }

  /** The parser stands on the first element; leaves it on the array's end. */
  private static void skipRestOfArray(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    while (token != null && token != JsonToken.END_ARRAY) {
      parser.skipChildren();
      token = parser.nextToken();
    }
  }

  private static String bounded(String model) {
    if (model.isEmpty()) {
      return BodyFacts.UNKNOWN_MODEL;
    }
    return model.length() <= MAX_MODEL ? model : model.substring(0, MAX_MODEL);
  }
}
