package dev.paceline.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What OpenTelemetry's agent traced, as its exporter {@code logging-otlp} printed it. */
final class Trace {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CLIENT = 3;

  private final List<Span> spans = new ArrayList<>();

  Trace(Ended ended) {
    for (String line : ended.everything().lines().toList()) {
      int from = line.indexOf("{\"resource\"");
      if (from >= 0 && line.contains("\"scopeSpans\"")) {
        json(line.substring(from))
            .path("scopeSpans")
            .forEach(scope -> scope.path("spans").forEach(span -> spans.add(new Span(span))));
      }
    }
  }

  /** The spans of a name and a model. */
  List<Span> named(String name, String model) {
    return spans.stream()
        .filter(span -> span.name().equals(name))
        .filter(span -> span.attribute("gen_ai.request.model").equals(model))
        .toList();
  }

  /** The span of the only call of a model that waited or was repeated. */
  Span onlyCall(String model) {
    List<Span> calls = named("paceline.call", model);
    if (calls.size() != 1) {
      throw new AssertionError(model + " has the spans " + calls + " of\n" + spans);
    }
    return calls.get(0);
  }

  /** The children of a call's span, in order. */
  List<Span> attempts(Span call) {
    return spans.stream()
        .filter(span -> span.name().equals("paceline.attempt") && span.isChildOf(call))
        .sorted(Comparator.comparing(Span::from))
        .toList();
  }

  List<Span> clientSpans() {
    return spans.stream().filter(span -> span.json.path("kind").asInt() == CLIENT).toList();
  }

  List<Span> clientSpansIn(Span parent) {
    return clientSpans().stream().filter(span -> span.isChildOf(parent)).toList();
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  /** One span; times are nanoseconds since the epoch. */
  record Span(JsonNode json) {
    String name() {
      return json.path("name").asText();
    }

    long from() {
      return json.path("startTimeUnixNano").asLong();
    }

    long to() {
      return json.path("endTimeUnixNano").asLong();
    }

    boolean isChildOf(Span parent) {
      return json.path("parentSpanId").asText().equals(parent.json.path("spanId").asText());
    }

    /** Its value as a text; empty when there is none. */
    String attribute(String key) {
      for (JsonNode attribute : json.path("attributes")) {
        if (attribute.path("key").asText().equals(key)) {
          return attribute.path("value").elements().next().asText();
        }
      }
      return "";
    }

    @Override
    public String toString() {
      return json.toString();
    }
  }
}
