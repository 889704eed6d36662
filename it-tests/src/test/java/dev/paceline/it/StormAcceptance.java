package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.Comparison.Cell;
import dev.paceline.it.Comparison.Row;
import dev.paceline.it.Programs.Program;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * 100,000 random calls a client with cancels, interrupts and failures, three seeds: no place lost,
 * no answer twice. A smaller number of them runs in {@link DifferentialIT}.
 */
class StormAcceptance {
  @ParameterizedTest
  @CsvSource({"jdk,17", "jdk,25", "okhttp,17", "okhttp,25"})
  void nothingIsLostInAHundredThousandCalls(String client, int jdk) {
    for (int seed = 1; seed <= 3; seed++) {
      storm(client, new Cell(jdk, "okhttp:4.12.0"), seed, Map.of("it.storm", "100000"));
    }
  }

  static void storm(String client, Cell cell, int seed, Map<String, String> more) {
    Program storm =
        Programs.own().stream().filter(p -> p.name().equals("Storm")).findFirst().orElseThrow();
    List<Row> rows = Comparison.alone(storm, cell, List.of(client, "0", "" + seed), more);
    Stream<Row> wrong = rows.stream().filter(row -> !row.same());
    assertThat(rows).hasSizeGreaterThan(4);
    assertThat(wrong).isEmpty();
    assertThat(rows)
        .filteredOn(row -> row.name().equals("at rest"))
        .allMatch(row -> row.with().equals("waiting 0, in flight 0"));
  }
}
