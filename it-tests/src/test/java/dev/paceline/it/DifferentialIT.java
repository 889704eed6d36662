package dev.paceline.it;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.paceline.it.Comparison.Cell;
import dev.paceline.it.Comparison.Mode;
import dev.paceline.it.Comparison.Row;
import dev.paceline.it.Programs.Program;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Programs that know nothing of the agent come to the same with it as without it. Here each of them
 * in one cell of the matrix, another one for each; all cells in {@link DifferentialAcceptance}.
 */
class DifferentialIT {
  /** A run mostly waits. */
  private static final int AT_A_TIME = Integer.getInteger("compare.parallel", 4);

  @TestFactory
  Stream<DynamicTest> sample() {
    List<Cell> cells = Cell.all();
    Map<Program, List<Cell>> chosen = new LinkedHashMap<>();
    int next = 0;
    for (Program program : Programs.own()) {
      if (!program.whole()) {
        List<Cell> fitting = fitting(program, cells);
        chosen.put(program, List.of(fitting.get(next++ % fitting.size())));
      }
    }
    return tests(chosen, row -> !row.same(), Mode.RECOGNISED);
  }

  static List<Cell> fitting(Program program, List<Cell> cells) {
    return cells.stream()
        .filter(cell -> cell.jdk() >= program.minJdk())
        .filter(cell -> cell.majorOkHttp() >= program.minOkHttp())
        .filter(cell -> !program.jdkOnly() || cell.okHttp().equals(cells.get(0).okHttp()))
        .toList();
  }

  /**
   * A test for each program in each of its cells.
   *
   * @param shown which rows of the table are printed
   */
  static Stream<DynamicTest> tests(
      Map<Program, List<Cell>> chosen, Predicate<Row> shown, Mode... modes) {
    ExecutorService forks = Executors.newFixedThreadPool(AT_A_TIME);
    List<DynamicTest> tests = new ArrayList<>();
    chosen.forEach(
        (program, cells) ->
            cells.forEach(
                cell -> {
                  CompletableFuture<List<Row>> rows =
                      CompletableFuture.supplyAsync(
                          () -> Comparison.rows(program, cell, modes), forks);
                  tests.add(
                      dynamicTest(
                          program.name() + ", " + cell, () -> assertAllowed(rows.join(), shown)));
                }));
    forks.shutdown();
    return tests.stream();
  }

  private static void assertAllowed(List<Row> rows, Predicate<Row> shown) {
    rows.stream().filter(shown).forEach(System.out::println);
    String wrong =
        rows.stream()
            .filter(row -> !row.allowed())
            .map(Row::toString)
            .collect(Collectors.joining("\n"));
    if (rows.isEmpty() || !wrong.isEmpty()) {
      throw new AssertionError(wrong.isEmpty() ? "nothing was compared" : wrong);
    }
  }
}
