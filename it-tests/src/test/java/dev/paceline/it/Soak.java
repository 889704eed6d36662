package dev.paceline.it;

import dev.paceline.it.Comparison.Cell;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The storm for half an hour, or {@code -Dsoak.minutes}, both clients side by side: heap, threads
 * and places stay as they are. On demand only: it-tests/README.md.
 */
class Soak {
  @Test
  void nothingGrows() {
    Map<String, String> more = Map.of("it.minutes", System.getProperty("soak.minutes", "30"));
    Cell cell = new Cell(Integer.getInteger("soak.jdk", 25), "okhttp:5.5.1");
    CompletableFuture<Void> okHttp =
        CompletableFuture.runAsync(() -> StormAcceptance.storm("okhttp", cell, 7, more));
    StormAcceptance.storm("jdk", cell, 7, more);
    okHttp.join();
  }
}
