package dev.paceline.console;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.paceline.metrics.Quarter;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A span of time as members of the state: {@code models}, {@code history}, {@code observe}. */
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
    json.writeNumberField("coveredMillis", quarter.coveredMillis());
    steps(json, "calls", quarter.calls());
    steps(json, "failed", quarter.failed());
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
    json.writeStringField("mode", model.enforced() ? "enforce" : "observe");
    json.writeNumberField("calls", model.counts().calls());
    json.writeNumberField("failing", model.counts().failing());
    json.writeArrayFieldStart("failed");
    for (Map.Entry<Failure, Long> why : new TreeMap<>(model.counts().failed()).entrySet()) {
      json.writeStartObject();
      json.writeStringField("by", why.getKey().by().name().toLowerCase(Locale.ROOT));
      json.writeStringField("reason", why.getKey().name().toLowerCase(Locale.ROOT));
      json.writeStringField("text", why.getKey().text());
      json.writeNumberField("count", why.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
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
    json.writeObjectFieldStart("latency");
    json.writeNumberField("p50", rounded(model.latency().p50()));
    json.writeNumberField("p95", rounded(model.latency().p95()));
    json.writeNumberField("ownP50", rounded(model.latency().ownP50()));
    json.writeNumberField("ownP95", rounded(model.latency().ownP95()));
    json.writeEndObject();
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
