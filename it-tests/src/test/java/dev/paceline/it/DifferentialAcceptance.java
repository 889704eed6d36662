package dev.paceline.it;

import dev.paceline.it.Comparison.Cell;
import dev.paceline.it.Comparison.Mode;
import dev.paceline.it.Programs.Program;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** All programs in all cells, passed through and recognised: {@code it-tests/compare}. */
class DifferentialAcceptance {
  @TestFactory
  Stream<DynamicTest> all() {
    Map<Program, List<Cell>> chosen = new LinkedHashMap<>();
    for (Program program : Programs.own()) {
      chosen.put(program, DifferentialIT.fitting(program, Cell.all()));
    }
    return DifferentialIT.tests(chosen, row -> true, Mode.PASS_THROUGH, Mode.RECOGNISED);
  }
}
