package dev.paceline.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings what people have at hand into the one form that {@code explain} judges: lines of JSON stay
 * as they are, what {@code curl -i} printed and a HAR file become objects of the same members.
 */
final class RecordedInput {
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/\\d(?:\\.\\d)? +(\\d{3})(?: [^\\r\\n]*)?");

  private RecordedInput() {}

  /**
   * One recorded answer.
   *
   * @param place where it stands, for error messages: {@code line 3}, {@code entry 2}
   * @param json the answer as {@code explain} reads it
   * @param fault why it could not be read; empty when it was
   */
  record Item(String place, JsonValue json, String fault) {
    static Item of(String place, JsonValue json) {
      return new Item(place, json, "");
    }

    static Item broken(String place, String fault) {
      return new Item(place, new JsonValue.Null(), fault);
    }
  }

  /**
   * Reads everything.
   *
   * @param text the whole input
   * @param provider for answers that do not name theirs; may be empty
   * @param providerOfUrl the provider's id for the URL of a HAR entry; empty when it is nobody's
   */
  static List<Item> read(String text, String provider, UnaryOperator<String> providerOfUrl) {
    String start = text.stripLeading();
    if (STATUS_LINE.matcher(firstLine(start)).matches()) {
      return curl(start, provider);
    }
    if (start.startsWith("{")) {
      try {
        if (JsonTree.parse(text) instanceof JsonValue.Obj whole) {
          if (whole.get("log").orElse(new JsonValue.Null()) instanceof JsonValue.Obj log) {
            return har(log, provider, providerOfUrl);
          }
          // One answer, over as many lines as it likes.
          return List.of(Item.of("line 1", named(whole, provider)));
        }
      } catch (IOException severalLines) {
        // one object a line
      }
    }
    return lines(text, provider);
  }

  private static List<Item> lines(String text, String provider) {
    List<Item> items = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String place = "line " + number;
      try {
        JsonValue json = JsonTree.parse(line);
        items.add(
            Item.of(place, json instanceof JsonValue.Obj answer ? named(answer, provider) : json));
      } catch (IOException malformed) {
        items.add(Item.broken(place, String.valueOf(malformed.getMessage())));
      }
    }
    return items;
  }

  /** Each status line begins an answer; an interim or redirecting one is passed over. */
  private static List<Item> curl(String text, String provider) {
    List<Item> items = new ArrayList<>();
    String[] lines = text.split("\r?\n", -1);
    int at = 0;
    while (at < lines.length) {
      Matcher status = STATUS_LINE.matcher(lines[at]);
      int began = at + 1;
      if (!status.matches()) {
        at++;
        continue;
      }
      at++;
      Map<String, JsonValue> headers = new LinkedHashMap<>();
      for (; at < lines.length && !lines[at].isBlank(); at++) {
        int colon = lines[at].indexOf(':');
        if (colon > 0) {
          add(headers, lines[at].substring(0, colon).strip(), lines[at].substring(colon + 1));
        }
      }
      StringBuilder body = new StringBuilder();
      for (at++; at < lines.length && !STATUS_LINE.matcher(lines[at]).matches(); at++) {
        body.append(body.isEmpty() ? "" : "\n").append(lines[at]);
      }
      int code = Integer.parseInt(status.group(1));
      boolean anotherFollows = at < lines.length;
      if (code >= 100 && !(anotherFollows && code < 400 && body.toString().isBlank())) {
        items.add(
            Item.of("line " + began, answer(provider, code, headers, body.toString().strip())));
      }
    }
    return items;
  }

  private static List<Item> har(
      JsonValue.Obj log, String provider, UnaryOperator<String> providerOfUrl) {
    List<Item> items = new ArrayList<>();
    int number = 0;
    for (JsonValue.Obj entry : log.objects("entries")) {
      number++;
      if (!(entry.get("response").orElse(new JsonValue.Null()) instanceof JsonValue.Obj response)
          || response.number("status") < 100) {
        continue; // never answered: a browser writes status 0
      }
      Map<String, JsonValue> headers = new LinkedHashMap<>();
      for (JsonValue.Obj header : response.objects("headers")) {
        add(headers, header.text("name").orElse(""), header.text("value").orElse(""));
      }
      String body =
          response.get("content").orElse(new JsonValue.Null()) instanceof JsonValue.Obj content
              ? content.text("text").orElse("")
              : "";
      String id = provider;
      if (id.isEmpty()
          && entry.get("request").orElse(new JsonValue.Null()) instanceof JsonValue.Obj request) {
        id = providerOfUrl.apply(request.text("url").orElse(""));
      }
      items.add(
          Item.of("entry " + number, answer(id, (int) response.number("status"), headers, body)));
    }
    return items;
  }

  private static void add(Map<String, JsonValue> headers, String name, String value) {
    if (!name.isEmpty() && !name.startsWith(":")) {
      List<JsonValue> values = new ArrayList<>();
      if (headers.get(name) instanceof JsonValue.Arr before) {
        values.addAll(before.elements());
      }
      values.add(new JsonValue.Str(value.strip()));
      headers.put(name, new JsonValue.Arr(values));
    }
  }

  private static JsonValue.Obj answer(
      String provider, int status, Map<String, JsonValue> headers, String body) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("provider", new JsonValue.Str(provider));
    members.put("status", new JsonValue.Num(Integer.toString(status)));
    members.put("headers", new JsonValue.Obj(headers));
    members.put("body", new JsonValue.Str(body));
    return new JsonValue.Obj(members);
  }

  private static JsonValue.Obj named(JsonValue.Obj answer, String provider) {
    if (provider.isEmpty() || answer.text("provider").isPresent()) {
      return answer;
    }
    Map<String, JsonValue> members = new LinkedHashMap<>(answer.members());
    members.put("provider", new JsonValue.Str(provider));
    return new JsonValue.Obj(members);
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return (end < 0 ? text : text.substring(0, end)).stripTrailing();
  }
}
