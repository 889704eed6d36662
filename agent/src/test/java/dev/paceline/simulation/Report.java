package dev.paceline.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** The study as a page and its charts: the same bytes on every machine. */
final class Report {
  private static final List<Strategy> SHOWN =
      List.of(
          Strategy.SDK,
          Strategy.RETRY_AFTER,
          Strategy.TOLD,
          Strategy.AWS,
          Strategy.ATB,
          Strategy.PACELINE);
  private static final Map<Strategy, String> COLOURS =
      Map.of(
          Strategy.SDK, "#b0b0b0",
          Strategy.RETRY_AFTER, "#808080",
          Strategy.TOLD, "#d9a441",
          Strategy.AWS, "#b5651d",
          Strategy.ATB, "#8a6fb0",
          Strategy.PACELINE, "#1f77b4");

  private Report() {}

  /** File names below {@code docs/} with their contents. */
  static Map<String, String> files(List<Study.Row> rows) {
    Map<String, String> files = new TreeMap<>();
    files.put("simulation.md", page(rows));
    files.put(
        "simulation/rejections.svg",
        chart("429s per success (log scale)", rows, (row, s) -> row.of(s).perSuccess(), true));
    files.put(
        "simulation/goodput.svg",
        chart("Goodput as a part of the oracle's", rows, Study.Row::goodput, false));
    return files;
  }

  private static String page(List<Study.Row> rows) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Pacing in simulation

        Generated, of one seed. What may not get worse are the means of twenty seeds in `simulation/bands.csv`, of these scenarios
        and of 60 that no rule was tuned on (`BandsTest`). What priorities and tenants get is in `simulation/classes.csv`, of twenty
        seeds (`ClassesTest`; see classes.md). To write this page anew:
        `mvn -pl agent -am test -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dpaceline.simulation.update=true`.

        The product's own calls, queues, budgets and header parsers run in virtual time against provider models, beside
        strategies that are in use today. All figures are of simulations with one seed, none is of a real provider. One way
        takes 10 ms and a random part of 15 ms on average, answers 0.1–10 s with a median of 1.5 s, half of them are streams
        (headers after 0.23 s), half come as a whole (headers with the answer). A call waits at most 120 s; `over` is a
        Poisson load of twice the limit for 300 s, of which even the oracle must fail a quarter. Token estimates are wrong by
        up to 30 %. The oracle sits at the provider and knows its state; with neighbours it leaves them their share. In
        `deadline30` callers leave after 30 s, and an answer whose headers come later counts for nothing; there the others
        send nothing in the last 4 s, which 19 of 20 answers need.

        Each cell: 429s per success · goodput as a part of the oracle's (bursts: time until the last answer as a multiple of
        the oracle's) · calls that failed beyond the oracle's, if any.

        """);
    page.append("![429s per success](simulation/rejections.svg)\n\n");
    page.append("![Goodput](simulation/goodput.svg)\n\n");
    table(page, rows, SHOWN, scenario -> true, "## Strategies\n");
    table(
        page,
        rows,
        List.of(Strategy.TOLD, Strategy.PACELINE_TOLD, Strategy.PACELINE),
        scenario -> !scenario.announced(),
        """

        ## Where a limit is in no header

        A bucket that is told the limit knows what no answer says. Paceline with the same figure typed in
        (`paceline.rule.ID.rpm`), and without. A typed limit is never exceeded in any minute; a bucket lets up to twice as much
        go in the first one.
        """);
    table(
        page,
        rows,
        List.of(Strategy.TOLD, Strategy.MAX_TOKENS, Strategy.AFTERWARDS, Strategy.PACELINE),
        Scenario::tokens,
        """

        ## What is reserved where tokens are limited

        Sizes of 50–60,000 tokens, 800 in the median. A bucket that is told the limit and charges the client's estimate,
        one that charges `max_tokens` (4,096) alone, one that charges nothing until the answer is there, and Paceline.
        """);
    page.append(
        """

        ## Paceline in detail

        `wait` is the 99th percentile from arrival to the admitted attempt; `busiest` the most requests that reached the
        provider within 100 ms; `fairness` Jain's index among JVMs.

        | scenario | calls | failed (oracle) | 429s | wait, s | busiest | fairness |
        |---|---|---|---|---|---|---|
        """);
    for (Study.Row row : rows) {
      Outcome outcome = row.of(Strategy.PACELINE);
      page.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %d (%d) | %d | %.1f | %d | %s |%n",
              row.scenario().name(),
              outcome.served() + outcome.failed(),
              outcome.failed(),
              row.of(Strategy.ORACLE).failed(),
              outcome.rejections(),
              outcome.p99(),
              outcome.busiest(),
              row.scenario().jvms() > 1
                  ? String.format(Locale.ROOT, "%.3f", outcome.jain())
                  : "–"));
    }
    list(
        page,
        "Where another strategy fails fewer calls or meets fewer 429s",
        """
        By 1.2 % of all calls, or by 0.001 429s a success with no more failures and as much served; means of five seeds. (4 % of
        a limit kept free where others use it are half a per cent of a load of five minutes, and a guess of two seconds at the wait
        of who comes last is as much.) Where a limit is in no header, the bucket that is told it is left out. Who serves more than the oracle takes what it leaves to neighbours, and is not counted.\
        """,
        fewer(rows));
    list(
        page,
        "Where another strategy is no worse in either and better in one",
        """
        Failed calls and 429s a success, whatever the difference, goodput aside; means of five seeds, of those who are so with the
        one above. Among several processes the bucket is told its part of the limit: it knows how many there are.\
        """,
        noWorse(rows));
    list(
        page,
        "Where another strategy is sooner or serves more",
        "With no more failures, whatever it costs in 429s: bursts by a tenth, else by 2 %; means of"
            + " five seeds.",
        behind(rows, Report::sooner));
    return page.toString().replace("\r\n", "\n");
  }

  private static void list(StringBuilder page, String title, String what, List<String> lines) {
    page.append("\n## ").append(title).append("\n\n").append(what).append("\n\n");
    lines.forEach(line -> page.append("- ").append(line).append('\n'));
    if (lines.isEmpty()) {
      page.append("Nowhere.\n");
    }
  }

  /** Where somebody else has fewer failures or 429s, and who. */
  static List<String> fewer(List<Study.Row> rows) {
    return behind(rows, Report::fewer);
  }

  /** Where somebody else is at least as good in both, and who. */
  static List<String> noWorse(List<Study.Row> rows) {
    return behind(rows, Report::dominates);
  }

  /** Where somebody else is ahead, and who: a line a scenario. */
  private static List<String> behind(
      List<Study.Row> rows, BiPredicate<Study.Row, Strategy> better) {
    List<String> lines = new ArrayList<>();
    for (Study.Row row : rows) {
      List<Strategy> suspects =
          SHOWN.stream()
              .filter(other -> other != Strategy.PACELINE && better.test(row, other))
              .toList();
      if (suspects.isEmpty()) {
        continue;
      }
      List<Strategy> again = new ArrayList<>(suspects);
      again.addAll(List.of(Strategy.ORACLE, Strategy.PACELINE));
      Study.Row means = Study.means(row.scenario(), again, 5);
      List<String> others =
          suspects.stream()
              .filter(other -> better.test(means, other))
              .map(other -> other.title + " (" + cell(means, other) + ")")
              .toList();
      if (!others.isEmpty()) {
        lines.add(
            row.scenario().name()
                + " (Paceline "
                + cell(means, Strategy.PACELINE)
                + "): "
                + String.join(", ", others));
      }
    }
    return lines;
  }

  private static void table(
      StringBuilder page,
      List<Study.Row> rows,
      List<Strategy> shown,
      Predicate<Scenario> which,
      String text) {
    page.append(text).append("\n| scenario |");
    shown.forEach(strategy -> page.append(' ').append(strategy.title).append(" |"));
    page.append("\n|---|").append("---|".repeat(shown.size())).append('\n');
    for (Study.Row row : rows) {
      if (which.test(row.scenario())) {
        page.append("| ").append(row.scenario().name()).append(" |");
        shown.forEach(strategy -> page.append(' ').append(cell(row, strategy)).append(" |"));
        page.append('\n');
      }
    }
  }

  /** Who is told what no header tells is ahead of who is not, and may exceed a typed limit. */
  private static boolean toldMore(Study.Row row, Strategy other) {
    return other == Strategy.TOLD && !row.scenario().announced();
  }

  private static boolean dominates(Study.Row row, Strategy other) {
    if (toldMore(row, other)) {
      return false;
    }
    Strategy own = Strategy.PACELINE;
    int failures = row.failedBeyondOracle(other) - row.failedBeyondOracle(own);
    double rejections = row.of(other).perSuccess() - row.of(own).perSuccess();
    return failures <= 0 && rejections <= 0 && (failures < 0 || rejections < 0);
  }

  private static boolean fewer(Study.Row row, Strategy other) {
    if (toldMore(row, other)) {
      return false;
    }
    Strategy own = Strategy.PACELINE;
    int calls = row.of(other).served() + row.of(other).failed();
    int theirs = row.failedBeyondOracle(other);
    int ours = row.failedBeyondOracle(own);
    if (row.goodput(other) > 1.005 && !row.scenario().burst()) {
      return false; // it takes the neighbours' part
    }
    if (theirs < ours - calls * 12 / 1_000) {
      return true;
    }
    return theirs <= ours + calls * 3 / 1_000
        && gain(row, other, own) > -0.005
        && row.of(other).perSuccess() + 0.001 < row.of(own).perSuccess();
  }

  private static boolean sooner(Study.Row row, Strategy other) {
    return row.failedBeyondOracle(other) <= row.failedBeyondOracle(Strategy.PACELINE)
        && gain(row, other, Strategy.PACELINE) > (row.scenario().burst() ? 0.1 : 0.02);
  }

  private static double gain(Study.Row row, Strategy other, Strategy own) {
    return row.scenario().burst()
        ? row.makespan(own) - row.makespan(other)
        : row.goodput(other) - row.goodput(own);
  }

  private static String cell(Study.Row row, Strategy strategy) {
    Outcome outcome = row.of(strategy);
    int failed = row.failedBeyondOracle(strategy);
    String rejections = String.format(Locale.ROOT, "%.4f", outcome.perSuccess());
    return (outcome.rejections() == 0 ? "0" : rejections)
        + " · "
        + (row.scenario().burst()
            ? String.format(Locale.ROOT, "×%.2f", row.makespan(strategy))
            : String.format(Locale.ROOT, "%.3f", row.goodput(strategy)))
        + (failed == 0 ? "" : " · " + failed + " failed");
  }

  private interface Figure {
    double of(Study.Row row, Strategy strategy);
  }

  private static String chart(String title, List<Study.Row> rows, Figure figure, boolean log) {
    int left = 210;
    int width = 620;
    int line = 15;
    int top = 60;
    int height = top + rows.size() * line + 30;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"10\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
                + "<text x=\"10\" y=\"18\" font-size=\"14\">%s</text>\n",
            left + width + 30,
            height,
            title));
    int x = 10;
    for (Strategy strategy : SHOWN) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%d\" cy=\"34\" r=\"4\" fill=\"%s\"/><text x=\"%d\""
                  + " y=\"38\">%s</text>\n",
              x + 4,
              COLOURS.get(strategy),
              x + 12,
              strategy.title));
      x += 30 + strategy.title.length() * 6;
    }
    double[] marks =
        log ? new double[] {0.001, 0.01, 0.1, 1, 10, 100} : new double[] {0, 0.25, 0.5, 0.75, 1};
    for (double mark : marks) {
      double at = left + width * place(mark, log);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#dddddd\"/><text"
                  + " x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              at,
              top - 6,
              at,
              height - 24,
              at,
              height - 10,
              mark == (long) mark ? Long.toString((long) mark) : Double.toString(mark)));
    }
    for (int i = 0; i < rows.size(); i++) {
      int y = top + i * line + 8;
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
              left - 8,
              y + 3,
              rows.get(i).scenario().name()));
      for (Strategy strategy : SHOWN) {
        double at = left + width * place(figure.of(rows.get(i), strategy), log);
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%d\" r=\"%d\" fill=\"%s\" fill-opacity=\"0.85\"/>\n",
                at,
                y,
                strategy == Strategy.PACELINE ? 5 : 3,
                COLOURS.get(strategy)));
      }
    }
    return svg.append("</svg>\n").toString();
  }

  /** Where on the axis; a logarithmic one begins at 1 in 3,000. */
  private static double place(double value, boolean log) {
    if (!log) {
      return Math.max(0, Math.min(1.2, value)) / 1.2;
    }
    double from = StrictMath.log10(1 / 3_000.0);
    double to = StrictMath.log10(200);
    double at = StrictMath.log10(Math.max(1 / 3_000.0, Math.min(200, value)));
    return (at - from) / (to - from);
  }
}
