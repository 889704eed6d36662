package dev.paceline.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.paceline.replay.Arrivals;
import dev.paceline.replay.ReplayResult;
import dev.paceline.replay.Replayer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** A study as text or JSON. */
final class ReplayReport {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy", Locale.ENGLISH);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH);

  private ReplayReport() {}

  static void text(ReplayStudy study, PrintStream out) {
    out.println(
        text(study.calls()) + (study.calls() == 1 ? " call, " : " calls, ") + period(study));
    if (study.bad() > 0) {
      out.println("lines that are none of a record: " + text(study.bad()));
    }
    if (study.dropped() > 0) {
      out.println("calls that the agent could not write: " + text(study.dropped()));
    }
    if (study.skipped() > 0) {
      out.println("calls of other models: " + text(study.skipped()));
    }
    long shown = 0;
    for (ReplayStudy.OfModel model : study.models()) {
      out.println();
      model(study, model, out);
      shown += model.recorded().arrivals().size();
    }
    if (shown < study.calls()) {
      out.println();
      out.println("calls of further models, not replayed: " + text(study.calls() - shown));
    }
  }

  private static void model(ReplayStudy study, ReplayStudy.OfModel model, PrintStream out) {
    Arrivals calls = model.recorded().arrivals();
    out.println(calls.model() + " (" + calls.provider() + "), calls: " + text(calls.size()));
    ReplayResult result = model.result().orElse(null);
    if (result != null) {
      ReplayResult.Waits was = ReplayResult.Waits.recorded(calls);
      ReplayResult.Waits waits = result.waits();
      Table table = new Table();
      table.row("", "recorded", "with " + limits(study.options()));
      table.row(
          "  calls failed", text(model.recorded().failed()), text(result.failed()) + share(result));
      table.row("  429s of the provider", text(model.recorded().limited()), text(result.limited()));
      if (result.tooLarge() > 0) {
        table.row("  requests larger than a limit", "-", text(result.tooLarge()));
      }
      table.row("  wait p50", seconds(was.p50()), seconds(waits.p50()));
      table.row("  wait p95", seconds(was.p95()), seconds(waits.p95()));
      table.row("  wait p99", seconds(was.p99()), seconds(waits.p99()));
      table.row("  saturated for", "-", span(result.saturatedSeconds()));
      table.print(out);
    }
    for (Replayer.Need need : model.needs()) {
      out.println("  " + sentence(study, need));
    }
  }

  private static String sentence(ReplayStudy study, Replayer.Need need) {
    ReplayOptions options = study.options();
    Long given = options.perMinute.get(need.limit());
    String enough =
        given == null
            ? ""
            : need.missing(given).isEmpty()
                ? "; " + text(given) + " is enough"
                : "; " + text(given) + " is too small by " + percent(need.missing(given));
    return subject(study)
        + " needs "
        + (need.confirmed() ? "" : "more than ")
        + text(need.amount())
        + " "
        + need.limit().tag().toUpperCase(Locale.ROOT)
        + " to keep p95 of the waits below "
        + options.targetText
        + enough;
  }

  private static String subject(ReplayStudy study) {
    ZonedDateTime first = at(study.firstMillis());
    boolean day = first.toLocalDate().equals(at(study.lastMillis()).toLocalDate());
    return day ? "this " + DateTimeFormatter.ofPattern("EEEE", Locale.ENGLISH).format(first) : "it";
  }

  static String limits(ReplayOptions options) {
    return options.perMinute.entrySet().stream()
            .map(
                limit ->
                    text(limit.getValue()) + " " + limit.getKey().tag().toUpperCase(Locale.ROOT))
            .collect(Collectors.joining(", "))
        + " ("
        + options.window.name().toLowerCase(Locale.ROOT)
        + (options.hidden ? ", hidden" : "")
        + (options.agent ? "" : ", without the agent")
        + ")";
  }

  static String period(ReplayStudy study) {
    ZonedDateTime first = at(study.firstMillis());
    ZonedDateTime last = at(study.lastMillis());
    return first.toLocalDate().equals(last.toLocalDate())
        ? DAY.format(first) + ", " + TIME.format(first) + " to " + TIME.format(last) + " UTC"
        : DAY.format(first)
            + ", "
            + TIME.format(first)
            + " to "
            + DAY.format(last)
            + ", "
            + TIME.format(last)
            + " UTC";
  }

  private static ZonedDateTime at(long millis) {
    return Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC);
  }

  static String text(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String share(ReplayResult result) {
    return result.failed() == 0
        ? ""
        : String.format(Locale.ROOT, " (%.1f %%)", 100.0 * result.failed() / result.calls());
  }

  private static String percent(OptionalDouble part) {
    return String.format(Locale.ROOT, "%.0f %%", Math.ceil(100 * part.orElse(0)));
  }

  static String seconds(double seconds) {
    return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  }

  private static String span(double seconds) {
    long whole = Math.round(seconds);
    return whole < 120
        ? whole + " s"
        : whole < 7_200
            ? whole / 60 + " min"
            : String.format(Locale.ROOT, "%.1f h", seconds / 3_600);
  }

  static void json(ReplayStudy study, PrintStream out) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("calls", study.calls());
      json.writeNumberField("bad_lines", study.bad());
      json.writeNumberField("dropped", study.dropped());
      json.writeNumberField("skipped", study.skipped());
      json.writeStringField("from", Instant.ofEpochMilli(study.firstMillis()).toString());
      json.writeStringField("to", Instant.ofEpochMilli(study.lastMillis()).toString());
      json.writeBooleanField("agent", study.options().agent);
      json.writeStringField("window", study.options().window.name().toLowerCase(Locale.ROOT));
      json.writeNumberField("target_seconds", study.options().targetSeconds);
      json.writeArrayFieldStart("models");
      for (ReplayStudy.OfModel model : study.models()) {
        model(model, study.options(), json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.println(text);
  }

  private static void model(ReplayStudy.OfModel model, ReplayOptions options, JsonGenerator json)
      throws IOException {
    Arrivals calls = model.recorded().arrivals();
    json.writeStartObject();
    json.writeStringField("model", calls.model());
    json.writeStringField("provider", calls.provider());
    json.writeNumberField("calls", calls.size());
    json.writeObjectFieldStart("recorded");
    json.writeNumberField("failed", model.recorded().failed());
    json.writeNumberField("limited", model.recorded().limited());
    waits(ReplayResult.Waits.recorded(calls), json);
    json.writeEndObject();
    ReplayResult result = model.result().orElse(null);
    if (result != null) {
      json.writeObjectFieldStart("replayed");
      json.writeNumberField("failed", result.failed());
      json.writeNumberField("limited", result.limited());
      json.writeNumberField("too_large", result.tooLarge());
      waits(result.waits(), json);
      json.writeNumberField("saturated_seconds", result.saturatedSeconds());
      json.writeEndObject();
    }
    json.writeArrayFieldStart("needs");
    for (Replayer.Need need : model.needs()) {
      json.writeStartObject();
      json.writeStringField("limit", need.limit().tag());
      json.writeNumberField("amount", need.amount());
      json.writeBooleanField("confirmed", need.confirmed());
      Long given = options.perMinute.get(need.limit());
      if (given != null) {
        json.writeNumberField("given", given);
        json.writeBooleanField("enough", given >= need.amount());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void waits(ReplayResult.Waits waits, JsonGenerator json) throws IOException {
    json.writeNumberField("wait_p50_seconds", rounded(waits.p50()));
    json.writeNumberField("wait_p95_seconds", rounded(waits.p95()));
    json.writeNumberField("wait_p99_seconds", rounded(waits.p99()));
  }

  private static double rounded(double seconds) {
    return Math.round(seconds * 1_000) / 1_000.0;
  }
}
