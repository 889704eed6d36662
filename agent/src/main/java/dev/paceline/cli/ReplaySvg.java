package dev.paceline.cli;

import dev.paceline.replay.ReplayResult;
import dev.paceline.words.Limit;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A study as a picture: for each model tokens a minute against the limit, and calls waiting. */
final class ReplaySvg {
  private static final int WIDTH = 900;
  private static final int LEFT = 80;
  private static final int PLOT = 800;
  private static final int HIGH = 120;
  private static final int LOW = 60;
  private static final int MODEL = HIGH + LOW + 90;
  private static final int MOST_MODELS = 6;

  private final StringBuilder svg = new StringBuilder();

  private ReplaySvg() {}

  static String of(ReplayStudy study) {
    List<ReplayStudy.OfModel> models =
        study.models().stream()
            .filter(model -> model.result().isPresent())
            .limit(MOST_MODELS)
            .toList();
    ReplaySvg picture = new ReplaySvg();
    int height = 50 + Math.max(1, models.size()) * MODEL;
    picture.svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">%n<rect"
                + " width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
            WIDTH, height, WIDTH, height));
    picture.label(LEFT, 22, "start", ReplayReport.period(study));
    if (models.isEmpty()) {
      picture.label(LEFT, 60, "start", "No limit was given: nothing to show.");
    }
    int top = 40;
    for (ReplayStudy.OfModel model : models) {
      picture.model(study, model, top);
      top += MODEL;
    }
    return picture.svg.append("</svg>\n").toString();
  }

  private void model(ReplayStudy study, ReplayStudy.OfModel model, int top) {
    ReplayResult result = model.result().orElseThrow();
    ReplayResult.Waits waits = result.waits();
    label(
        LEFT,
        top + 14,
        "start",
        model.recorded().arrivals().model()
            + " with "
            + ReplayReport.limits(study.options())
            + ": failed "
            + ReplayReport.text(result.failed())
            + ", 429s "
            + ReplayReport.text(result.limited())
            + ", wait p95 "
            + ReplayReport.seconds(waits.p95()));
    Long tpm = study.options().perMinute.get(Limit.TPM);
    double most = Math.max(tpm == null ? 0 : tpm, 1);
    int waiting = 1;
    for (ReplayResult.Step step : result.steps()) {
      most = Math.max(most, Math.max(step.asked(), step.served()));
      waiting = Math.max(waiting, step.waiting());
    }
    int base = top + 24 + HIGH;
    axis(base, HIGH, "tokens/min", most);
    area(result, base, HIGH, most, ReplayResult.Step::asked, "#9db8d9");
    line(result, base, HIGH, most, ReplayResult.Step::served, "#1f5fa8");
    if (tpm != null) {
      double y = base - tpm / most * HIGH;
      svg.append(
          format(
              "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#b3261e\""
                  + " stroke-dasharray=\"4 3\"/>%n",
              LEFT, y, LEFT + PLOT, y));
      label(LEFT + PLOT, (int) y - 4, "end", "limit");
    }
    int low = base + 24 + LOW;
    axis(low, LOW, "waiting", waiting);
    area(result, low, LOW, waiting, ReplayResult.Step::waiting, "#d9a441");
    double minutes = result.steps().stream().mapToDouble(ReplayResult.Step::seconds).sum() / 60;
    label(LEFT, low + 16, "start", "0");
    label(
        LEFT + PLOT,
        low + 16,
        "end",
        minutes < 180 ? format("%.0f min", minutes) : format("%.1f h", minutes / 60));
    label(
        LEFT + PLOT / 2,
        low + 16,
        "middle",
        "asked for (light), admitted (dark); calls waiting (below)");
  }

  private void axis(int base, int height, String name, double most) {
    svg.append(
        format(
            "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>%n",
            LEFT, base - height, base, LEFT + PLOT));
    label(LEFT - 6, base - height + 10, "end", ReplayReport.text(Math.round(most)));
    label(LEFT - 6, base, "end", name);
  }

  private void area(
      ReplayResult result,
      int base,
      int height,
      double most,
      ToDoubleFunction<ReplayResult.Step> value,
      String colour) {
    svg.append(format("<path d=\"M%d %d", LEFT, base));
    points(result, base, height, most, value, "L");
    svg.append(format("L%d %dZ\" fill=\"%s\"/>%n", LEFT + PLOT, base, colour));
  }

  private void line(
      ReplayResult result,
      int base,
      int height,
      double most,
      ToDoubleFunction<ReplayResult.Step> value,
      String colour) {
    svg.append("<path d=\"");
    points(result, base, height, most, value, "M");
    svg.append(format("\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>%n", colour));
  }

  private void points(
      ReplayResult result,
      int base,
      int height,
      double most,
      ToDoubleFunction<ReplayResult.Step> value,
      String first) {
    int steps = result.steps().size();
    for (int i = 0; i < steps; i++) {
      double x = LEFT + (i + 0.5) * PLOT / steps;
      double y = base - value.applyAsDouble(result.steps().get(i)) / most * height;
      svg.append(format("%s%.1f %.1f", i == 0 ? first : "L", x, y));
    }
  }

  private void label(int x, int y, String anchor, String text) {
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, escaped(text)));
  }

  private static String escaped(String text) {
    return Table.clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments).replace("\r\n", "\n");
  }
}
