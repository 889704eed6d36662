package dev.paceline.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the pacing reaches in every scenario, as mean and standard deviation of many seeds. A change
 * of the rules may move a run of one seed; it may not move a row by more than its noise.
 */
final class Bands {
  /** Rows differ when the difference is so many standard errors, and material. */
  private static final double SIGNIFICANT = 3.5;

  /** One figure of a row, and by how much it must differ to matter. */
  enum Figure {
    /** 429s a success. */
    REJECTIONS(0.001, false),
    /** Failed calls, as a part of all. */
    FAILED(0.004, false),
    /** Goodput as a part of the oracle's mean; of loads, not of bursts. */
    GOODPUT(0.006, true),
    /** Time until the last answer as a multiple of the oracle's mean; of bursts. */
    MAKESPAN(0.03, false),
    /** Jain's index among processes that live as long as the load. */
    FAIRNESS(0.03, true);

    private final double material;
    private final boolean moreIsBetter;

    Figure(double material, boolean moreIsBetter) {
      this.material = material;
      this.moreIsBetter = moreIsBetter;
    }

    /** Positive when {@code now} is worse. */
    double worse(double then, double now) {
      return moreIsBetter ? then - now : now - then;
    }
  }

  /** Mean and standard deviation. */
  record Spread(double mean, double deviation) {
    static Spread of(List<Double> values) {
      double mean = values.stream().mapToDouble(v -> v).average().orElse(0);
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      return new Spread(mean, Math.sqrt(squares / Math.max(1, values.size() - 1)));
    }
  }

  /**
   * One scenario's figures.
   *
   * @param oracle what its figures are parts of: goodput, makespan
   */
  record Row(String name, int seeds, double[] oracle, Map<Figure, Spread> figures) {}

  private Bands() {}

  static List<Scenario> scenarios() {
    return Stream.concat(Scenarios.all().stream(), UnseenScenarios.all().stream()).toList();
  }

  /** The oracle's mean goodput and makespan. */
  static double[] oracle(Scenario scenario, int seeds) {
    List<Outcome> runs = runs(Strategy.ORACLE, scenario, seeds);
    return new double[] {
      mean(runs, Outcome::good), mean(runs, Outcome::makespan), mean(runs, Outcome::failed)
    };
  }

  private static double mean(List<Outcome> runs, ToDoubleFunction<Outcome> figure) {
    return runs.stream().mapToDouble(figure).average().orElse(0);
  }

  private static List<Outcome> runs(Strategy strategy, Scenario scenario, int seeds) {
    return IntStream.rangeClosed(1, seeds)
        .parallel()
        .mapToObj(seed -> strategy.run(scenario, seed))
        .toList();
  }

  static Row measure(Scenario scenario, int seeds, double[] oracle) {
    List<Outcome> runs = runs(Strategy.PACELINE, scenario, seeds);
    Map<Figure, Spread> figures = new TreeMap<>();
    figures.put(Figure.REJECTIONS, spread(runs, Outcome::perSuccess));
    figures.put(
        Figure.FAILED, spread(runs, run -> (double) run.failed() / (run.failed() + run.served())));
    if (scenario.burst()) {
      figures.put(Figure.MAKESPAN, spread(runs, run -> run.makespan() / Math.max(1e-9, oracle[1])));
    } else {
      figures.put(Figure.GOODPUT, spread(runs, run -> run.good() / Math.max(1e-9, oracle[0])));
      if (scenario.jvms() > 1 && scenario.turns().equals(Scenario.Turns.NONE)) {
        figures.put(Figure.FAIRNESS, spread(runs, Outcome::jain));
      }
    }
    return new Row(scenario.name(), seeds, oracle, figures);
  }

  private static Spread spread(List<Outcome> runs, ToDoubleFunction<Outcome> figure) {
    return Spread.of(runs.stream().map(figure::applyAsDouble).toList());
  }

  /** A line for every figure that is worse, or better, by more than noise. */
  static List<String> differences(Row then, Row now, boolean worse) {
    List<String> lines = new ArrayList<>();
    now.figures.forEach(
        (figure, after) -> {
          Spread before = then.figures.get(figure);
          if (before == null) {
            return;
          }
          double change = figure.worse(before.mean, after.mean) * (worse ? 1 : -1);
          double error =
              Math.sqrt(
                  before.deviation * before.deviation / then.seeds
                      + after.deviation * after.deviation / now.seeds);
          if (change >= figure.material && change >= SIGNIFICANT * error) {
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s %s: %.4f ± %.4f -> %.4f ± %.4f (z %.1f)",
                    now.name,
                    figure,
                    before.mean,
                    before.deviation,
                    after.mean,
                    after.deviation,
                    change / Math.max(1e-9, error)));
          }
        });
    return lines;
  }

  // --- the file

  static String write(List<Row> rows) {
    StringBuilder csv =
        new StringBuilder("scenario,seeds,oracle good,oracle makespan,oracle failed");
    for (Figure figure : Figure.values()) {
      String name = figure.name().toLowerCase(Locale.ROOT);
      csv.append(',').append(name).append(',').append(name).append(" deviation");
    }
    csv.append('\n');
    for (Row row : rows) {
      csv.append(row.name).append(',').append(row.seeds);
      for (double figure : row.oracle) {
        csv.append(',').append(number(figure));
      }
      for (Figure figure : Figure.values()) {
        Spread spread = row.figures.get(figure);
        csv.append(
            spread == null ? ",," : "," + number(spread.mean) + "," + number(spread.deviation));
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }

  static Map<String, Row> read(String csv) {
    return csv.lines().skip(1).map(Bands::row).collect(Collectors.toMap(Row::name, row -> row));
  }

  private static Row row(String line) {
    int figuresAt = line.length();
    for (int i = 0; i < 4 + 2 * Figure.values().length; i++) {
      figuresAt = line.lastIndexOf(',', figuresAt - 1); // a name may have a comma, too
    }
    String[] cells = line.substring(figuresAt).split(",", -1);
    double[] oracle = new double[3];
    for (int i = 0; i < oracle.length; i++) {
      oracle[i] = Double.parseDouble(cells[2 + i]);
    }
    Map<Figure, Spread> figures = new TreeMap<>();
    for (Figure figure : Figure.values()) {
      int at = 5 + 2 * figure.ordinal();
      if (!cells[at].isEmpty()) {
        figures.put(
            figure, new Spread(Double.parseDouble(cells[at]), Double.parseDouble(cells[at + 1])));
      }
    }
    return new Row(line.substring(0, figuresAt), Integer.parseInt(cells[1]), oracle, figures);
  }
}
