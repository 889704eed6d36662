package dev.paceline.console;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.paceline.metrics.Quarter;
import dev.paceline.words.Limit;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The last 15 minutes as members of the state: {@code models}, {@code history}, {@code observe}.
 */
final class QuarterJson {
  private QuarterJson() {}

  static void write(JsonGenerator json, Quarter quarter) throws IOException {
    json.writeArrayFieldStart("models");
    for (Quarter.OfModel model : quarter.models()) {
      model(json, model);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("history");
    json.writeNumberField("stepMillis", quarter.stepMillis());
    steps(json, "calls", quarter.calls());
    steps(json, "attempts", quarter.attempts());
    steps(json, "waiting", quarter.waiting());
    json.writeObjectFieldStart("limited");
    for (Map.Entry<Limit, List<Long>> limit : new TreeMap<>(quarter.limited()).entrySet()) {
      steps(json, limit.getKey().tag(), limit.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
    if (quarter.observed().millis() > 0) {
      observed(json, quarter.observed());
    }
  }

  private static void model(JsonGenerator json, Quarter.OfModel model) throws IOException {
    json.writeStartObject();
    json.writeStringField("provider", model.provider());
    json.writeStringField("model", model.model());
    json.writeNumberField("calls", model.counts().calls());
    json.writeNumberField("attempts", model.counts().attempts());
    json.writeObjectFieldStart("limited");
    for (Map.Entry<Limit, Long> hit : new TreeMap<>(model.counts().limited()).entrySet()) {
      json.writeNumberField(hit.getKey().tag(), hit.getValue());
    }
    json.writeEndObject();
    json.writeNumberField("serverErrors", model.counts().serverErrors());
    json.writeNumberField("retries", model.retries());
    json.writeNumberField("repeated", model.counts().repeated());
    json.writeNumberField("giveUps", model.giveUps());
    waits(json, model.waits());
    json.writeEndObject();
  }

  private static void waits(JsonGenerator json, Quarter.Waits waits) throws IOException {
    json.writeObjectFieldStart("waits");
    json.writeNumberField("count", waits.count());
    json.writeNumberField("sumSeconds", rounded(waits.sumSeconds()));
    json.writeNumberField("p50", rounded(waits.p50()));
    json.writeNumberField("p95", rounded(waits.p95()));
    json.writeNumberField("p99", rounded(waits.p99()));
    json.writeEndObject();
  }

  private static void observed(JsonGenerator json, Quarter.Observed observed) throws IOException {
    json.writeObjectFieldStart("observe");
    json.writeNumberField("millis", observed.millis());
    json.writeNumberField("limited", observed.limited());
    json.writeNumberField("byPacing", observed.byPacing());
    json.writeNumberField("byRetry", observed.byRetry());
    waits(json, observed.waits());
    json.writeEndObject();
  }

  private static void steps(JsonGenerator json, String name, List<Long> steps) throws IOException {
    json.writeArrayFieldStart(name);
    for (long step : steps) {
      json.writeNumber(step);
    }
    json.writeEndArray();
  }

  /** Three digits are more than anybody reads. */
  static double rounded(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }
}
