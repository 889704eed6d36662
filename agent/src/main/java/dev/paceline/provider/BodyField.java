package dev.paceline.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.paceline.provider.error.LenientJson;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one field of a request's JSON body; everything else is skipped without being decoded. */
public final class BodyField {
  private BodyField() {}

  /**
   * The text of a string or number.
   *
   * @param path the field's names from the outermost object on
   * @return null when the body is no JSON object, or the field is absent or no string or number
   */
  public static @Nullable String read(byte[] body, int length, List<String> path) {
    int end = Math.min(length, body.length);
    if (end == 0) {
      return null;
    }
    try (JsonParser parser = LenientJson.STRICT.createParser(body, 0, end)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? find(parser, path) : null;
    } catch (IOException | RuntimeException e) {
      return null; // no JSON after all, or cut off before the field
    }
  }

  /** The parser stands on the beginning of an object. */
  private static @Nullable String find(JsonParser parser, List<String> path) throws IOException {
    int depth = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean ours = parser.currentName().equals(path.get(depth));
      JsonToken value = parser.nextToken();
      boolean last = depth == path.size() - 1;
      if (ours && last) {
        return value == JsonToken.VALUE_STRING
                || value == JsonToken.VALUE_NUMBER_INT
                || value == JsonToken.VALUE_NUMBER_FLOAT
            ? parser.getText()
            : null;
      }
      if (ours && value == JsonToken.START_OBJECT) {
        depth++;
      } else {
        parser.skipChildren();
      }
    }
    return null;
  }
}
