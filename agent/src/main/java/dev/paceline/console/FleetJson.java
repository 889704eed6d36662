package dev.paceline.console;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.paceline.words.FleetView;
import java.io.IOException;
import java.util.List;

/** The agreement with other processes as JSON; its shape is in {@code docs/metrics.md}. */
final class FleetJson {
  private FleetJson() {}

  static void write(JsonGenerator json, FleetView fleet) throws IOException {
    json.writeObjectFieldStart("fleet");
    json.writeBooleanField("answers", fleet.answers());
    json.writeNumberField("retryMillis", fleet.retryMillis());
    json.writeNumberField("exchanges", fleet.exchanges());
    json.writeNumberField("failures", fleet.failures());
    json.writeNumberField("ageMillis", fleet.ageMillis());
    json.writeArrayFieldStart("scopes");
    List<FleetView.Row> rows = fleet.scopes();
    for (FleetView.Row row : rows.subList(0, Math.min(rows.size(), StateJson.MOST_SCOPES))) {
      json.writeStartObject();
      json.writeStringField("provider", row.scope().provider());
      json.writeStringField("owner", StateJson.shortened(row.scope().owner()));
      json.writeStringField("model", StateJson.shortened(row.scope().model()));
      json.writeNumberField("members", row.members());
      json.writeBooleanField("holds", row.holds());
      json.writeArrayFieldStart("splits");
      for (FleetView.Split split : row.splits()) {
        json.writeStartObject();
        json.writeStringField("resource", split.resource());
        json.writeNumberField("units", split.units());
        json.writeNumberField("own", QuarterJson.rounded(split.own()));
        json.writeArrayFieldStart("others");
        for (double part : split.others()) {
          json.writeNumber(QuarterJson.rounded(part));
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
