package dev.paceline.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.paceline.metrics.MeterView;
import dev.paceline.metrics.Reading;
import dev.paceline.words.ScopeView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The console's state as JSON; its shape is in {@code docs/metrics.md}. */
final class StateJson {
  /** A name as sent may be as long as a request. */
  private static final int MAX_NAME = 128;

  /**
   * Without a pool: the usual one hangs its buffers on thread-locals. Escaping: a model's name may
   * hold half a surrogate pair, which the generator refuses to write as UTF-8.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private StateJson() {}

  static byte[] write(Facts facts, List<MeterView> meters) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("version", facts.version());
      json.writeStringField("mode", facts.mode());
      json.writeBooleanField("enabled", facts.enabled());
      json.writeNumberField("uptimeSeconds", facts.uptimeSeconds());
      json.writeFieldName("service");
      tags(json, facts.service());
      json.writeArrayFieldStart("scopes");
      for (ScopeView scope : facts.scopes()) {
        scope(json, scope);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("meters");
      for (MeterView meter : meters) {
        meter(json, meter);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("coverage");
      for (String line : facts.coverage()) {
        json.writeString(line);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void scope(JsonGenerator json, ScopeView scope) throws IOException {
    json.writeStartObject();
    json.writeStringField("provider", scope.provider());
    json.writeStringField("owner", shortened(scope.owner()));
    json.writeStringField("model", shortened(scope.model()));
    json.writeNumberField("gateClosedMillis", scope.gateClosedMillis());
    json.writeNumberField("waiting", scope.waiting());
    json.writeNumberField("oldestWaitMillis", scope.oldestWaitMillis());
    json.writeEndObject();
  }

  static String shortened(String name) {
    return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME) + "…";
  }

  private static void meter(JsonGenerator json, MeterView meter) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", meter.name());
    json.writeStringField("type", meter.kind().name().toLowerCase(Locale.ROOT));
    json.writeFieldName("tags");
    tags(json, meter.tags());
    if (meter.reading() instanceof Reading.Distribution timer) {
      json.writeNumberField("value", timer.count());
      json.writeNumberField("sumSeconds", timer.sumSeconds());
      json.writeArrayFieldStart("buckets");
      for (Reading.Bucket bucket : timer.buckets()) {
        if (Double.isFinite(
            bucket.boundSeconds())) { // JSON has no infinity; the last one is the value
          json.writeStartObject();
          json.writeNumberField("le", bucket.boundSeconds());
          json.writeNumberField("count", bucket.count());
          json.writeEndObject();
        }
      }
      json.writeEndArray();
    } else {
      json.writeNumberField("value", (long) meter.reading().number());
    }
    json.writeEndObject();
  }

  private static void tags(JsonGenerator json, Map<String, String> tags) throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      json.writeStringField(tag.getKey(), tag.getValue());
    }
    json.writeEndObject();
  }
}
