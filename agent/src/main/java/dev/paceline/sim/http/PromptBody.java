package dev.paceline.sim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What the server reads of a request's body.
 *
 * @param model {@code unknown} when it is not there
 * @param stream whether events are asked for
 * @param base64 whether an embedding is wanted as base64
 * @param promptTokens a rough count: a token per four bytes of the body, at least 1
 * @param maxTokens the most tokens the answer may have; 0 when not said
 */
record PromptBody(String model, boolean stream, boolean base64, long promptTokens, long maxTokens) {
  private static final JsonFactory JSON = new JsonFactory();

  static PromptBody read(byte[] bytes) {
    String model = "unknown";
    boolean stream = false;
    boolean base64 = false;
    long maxTokens = 0;
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          JsonToken value = parser.nextToken();
          switch (name) {
            case "model" -> model = value == JsonToken.VALUE_STRING ? parser.getText() : model;
            case "stream" -> stream = value == JsonToken.VALUE_TRUE;
            case "encoding_format" ->
                base64 = value == JsonToken.VALUE_STRING && parser.getText().equals("base64");
            case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
                maxTokens =
                    value == JsonToken.VALUE_NUMBER_INT
                        ? Math.max(0, parser.getLongValue())
                        : maxTokens;
            default -> parser.skipChildren();
          }
        }
      }
    } catch (IOException e) {
      // Not JSON, or cut off: what was read so far has to do.
    }
    return new PromptBody(model, stream, base64, Math.max(1, bytes.length / 4), maxTokens);
  }
}
