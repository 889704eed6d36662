package dev.paceline.cli;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes {@link Json}. Depth and lengths are bounded by the parser's own constraints. */
final class JsonTree {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonTree() {}

  /**
   * Reads one value and nothing after it.
   *
   * @throws IOException when the text is not JSON; the message names the place and quotes nothing
   *     of the text
   */
  static Json parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IOException("nothing there");
      }
      Json value = value(parser);
      if (parser.nextToken() != null) {
        throw new IOException(
            "something follows the value at column " + parser.currentLocation().getColumnNr());
      }
      return value;
    } catch (JsonParseException malformed) {
      throw new IOException(
          "not JSON at column " + malformed.getLocation().getColumnNr(), malformed);
    }
  }

  private static Json value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> new Json.Str(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(parser.getText());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      default -> new Json.Null();
    };
  }

  private static Json object(JsonParser parser) throws IOException {
    Map<String, Json> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return new Json.Obj(members);
  }

  private static Json array(JsonParser parser) throws IOException {
    List<Json> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(parser));
    }
    return new Json.Arr(elements);
  }

  /** The value as UTF-8, without line breaks. */
  static byte[] bytes(Json value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
      write(value, generator);
    }
    return bytes.toByteArray();
  }

  /** The value as ASCII, for terminals of any encoding. */
  static String line(Json value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
      generator.enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
      write(value, generator);
    }
    return bytes.toString(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static void write(Json value, JsonGenerator generator) throws IOException {
    if (value instanceof Json.Obj object) {
      generator.writeStartObject();
      for (Map.Entry<String, Json> member : object.members().entrySet()) {
        generator.writeFieldName(member.getKey());
        write(member.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (value instanceof Json.Arr array) {
      generator.writeStartArray();
      for (Json element : array.elements()) {
        write(element, generator);
      }
      generator.writeEndArray();
    } else if (value instanceof Json.Str text) {
      generator.writeString(text.value());
    } else if (value instanceof Json.Num number) {
      generator.writeNumber(number.text());
    } else if (value instanceof Json.Bool bool) {
      generator.writeBoolean(bool.value());
    } else {
      generator.writeNull();
    }
  }
}
