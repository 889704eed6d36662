package dev.paceline.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.paceline.diagnosis.Diagnosis;
import dev.paceline.diagnosis.Finding;
import dev.paceline.diagnosis.LimitUsage;
import dev.paceline.metrics.MeterView;
import dev.paceline.metrics.Quarter;
import dev.paceline.metrics.Reading;
import dev.paceline.metrics.Span;
import dev.paceline.words.FleetView;
import dev.paceline.words.LimitView;
import dev.paceline.words.ScopeView;
import dev.paceline.words.WaitingShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The console's state as JSON; its shape is in {@code docs/metrics.md}. */
final class StateJson {
  /** A name as sent may be as long as a request. */
  private static final int MAX_NAME = 128;

  /** A page of a thousand scopes says nothing; the state is asked each second or two. */
  static final int MOST_SCOPES = 100;

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

  /**
   * @param everyMeter whether {@code meters} is a member of it
   */
  static byte[] write(Facts facts, Span span, List<MeterView> meters, boolean everyMeter) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("version", facts.version());
      json.writeStringField("mode", facts.mode());
      json.writeBooleanField("enabled", facts.enabled());
      json.writeStringField("off", facts.off());
      json.writeStringField("host", facts.host());
      json.writeNumberField("pid", facts.pid());
      json.writeNumberField("startedMillis", facts.startedMillis());
      json.writeNumberField("uptimeSeconds", facts.uptimeSeconds());
      json.writeFieldName("service");
      tags(json, facts.service());
      json.writeStringField("range", span.word());
      Quarter quarter = facts.over(span);
      List<ScopeView> scopes = mostImportantFirst(facts.scopes());
      findings(json, Diagnosis.of(quarter.situations()));
      json.writeArrayFieldStart("scopes");
      for (ScopeView scope : scopes.subList(0, Math.min(scopes.size(), MOST_SCOPES))) {
        scope(json, scope, quarter);
      }
      json.writeEndArray();
      json.writeNumberField("scopesLeftOut", Math.max(0, scopes.size() - MOST_SCOPES));
      Optional<FleetView> fleet = facts.fleet();
      if (fleet.isPresent()) {
        FleetJson.write(json, fleet.get());
      }
      QuarterJson.write(json, quarter);
      tokens(json, meters);
      if (everyMeter) {
        json.writeArrayFieldStart("meters");
        for (MeterView meter : meters) {
          meter(json, meter);
        }
        json.writeEndArray();
      }
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

  /** Those that hold calls, then the fullest: a page shows the first few. */
  private static List<ScopeView> mostImportantFirst(List<ScopeView> scopes) {
    return scopes.stream()
        .sorted(
            Comparator.comparing((ScopeView s) -> -s.waiting())
                .thenComparing(s -> -s.gateClosedMillis())
                .thenComparing(
                    s -> -s.limits().stream().mapToDouble(LimitView::used).max().orElse(0))
                .thenComparing(s -> -s.requests()))
        .toList();
  }

  private static void findings(JsonGenerator json, List<Finding> findings) throws IOException {
    json.writeArrayFieldStart("findings");
    for (Finding finding : findings) {
      json.writeStartObject();
      json.writeStringField("kind", finding.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("severity", finding.severity().name().toLowerCase(Locale.ROOT));
      json.writeStringField("provider", finding.provider());
      json.writeStringField("owner", shortened(finding.owner()));
      json.writeStringField("model", finding.model());
      json.writeStringField("limit", finding.limit().tag());
      json.writeStringField("sentence", finding.sentence());
      json.writeStringField("advice", finding.advice());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /**
   * Tokens of prompts since the start, by model: {@code kinds} as sent and as reported, {@code
   * ratio} the mean of what served calls reported, divided by their own estimates.
   */
  private static void tokens(JsonGenerator json, List<MeterView> meters) throws IOException {
    Map<List<String>, Map<String, Long>> models = new LinkedHashMap<>();
    Map<List<String>, Double> ratios = new HashMap<>();
    for (MeterView meter : meters) {
      Map<String, String> tags = meter.tags();
      List<String> model =
          List.of(tags.getOrDefault("provider", ""), tags.getOrDefault("model", ""));
      if (meter.name().equals("paceline.tokens") && "input".equals(tags.get("type"))) {
        models
            .computeIfAbsent(model, key -> new TreeMap<>())
            .merge(tags.getOrDefault("kind", ""), (long) meter.reading().number(), Long::sum);
      } else if (meter.name().equals("paceline.token.estimate.ratio")
          && meter.reading() instanceof Reading.Distribution ratio
          && ratio.count() > 0) {
        ratios.put(model, ratio.sumSeconds() / ratio.count());
      }
    }
    json.writeArrayFieldStart("tokens");
    for (Map.Entry<List<String>, Map<String, Long>> model : models.entrySet()) {
      json.writeStartObject();
      json.writeStringField("provider", model.getKey().get(0));
      json.writeStringField("model", model.getKey().get(1));
      json.writeObjectFieldStart("kinds");
      for (Map.Entry<String, Long> kind : model.getValue().entrySet()) {
        json.writeNumberField(kind.getKey(), kind.getValue());
      }
      json.writeEndObject();
      json.writeNumberField("ratio", QuarterJson.rounded(ratios.getOrDefault(model.getKey(), 0.0)));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void scope(JsonGenerator json, ScopeView scope, Quarter quarter)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("provider", scope.provider());
    json.writeStringField("owner", shortened(scope.owner()));
    json.writeStringField("model", shortened(scope.model()));
    json.writeStringField("modelName", shortened(scope.modelName()));
    json.writeStringField("operation", shortened(scope.operation()));
    json.writeNumberField("gateClosedMillis", scope.gateClosedMillis());
    json.writeNumberField("waiting", scope.waiting());
    json.writeNumberField("oldestWaitMillis", scope.oldestWaitMillis());
    json.writeStringField("binding", scope.binding().tag());
    json.writeNumberField("inFlight", scope.inFlight());
    json.writeNumberField("learnedPerMinute", scope.learnedPerMinute());
    json.writeNumberField("learnedConcurrency", scope.learnedConcurrency());
    json.writeNumberField("predictedWaitMillis", scope.predictedWaitMillis());
    json.writeNumberField("callerDeadlineMillis", scope.callerDeadlineMillis());
    shares(json, "waitingByPriority", scope.priorities());
    shares(json, "topTenants", scope.tenants());
    json.writeArrayFieldStart("limits");
    for (LimitView limit : scope.limits()) {
      json.writeStartObject();
      json.writeStringField("limit", limit.limit().tag());
      json.writeNumberField("max", limit.max());
      json.writeNumberField("left", limit.left());
      json.writeNumberField("used", QuarterJson.rounded(limit.used()));
      json.writeNumberField("windowMillis", limit.windowMillis());
      json.writeNumberField("resetMillis", limit.resetMillis());
      json.writeStringField("counted", limit.counted());
      json.writeNumberField("others", limit.others());
      json.writeNumberField("saturatedMillis", saturated(scope, limit, quarter));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void shares(JsonGenerator json, String name, List<WaitingShare> shares)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (WaitingShare share : shares) {
      json.writeStartObject();
      json.writeStringField("name", shortened(share.name()));
      json.writeNumberField("waiting", share.waiting());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static long saturated(ScopeView scope, LimitView limit, Quarter quarter) {
    return quarter.situations().stream()
        .filter(
            s ->
                s.scope().model().equals(scope.model())
                    && s.scope().owner().equals(scope.owner())
                    && s.scope().provider().equals(scope.provider()))
        .flatMap(s -> s.uses().stream())
        .filter(use -> use.now().limit() == limit.limit())
        .mapToLong(LimitUsage::saturatedMillis)
        .findFirst()
        .orElse(0);
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
      double value = meter.reading().number();
      if (value == (long) value) {
        json.writeNumberField("value", (long) value);
      } else {
        json.writeNumberField("value", value); // a share: cut off it would be 0 until it is 1
      }
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
