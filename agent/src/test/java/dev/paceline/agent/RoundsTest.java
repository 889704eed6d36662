package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.metrics.CallMetrics;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RoundsTest {
  /** As under an exhausted heap: telling of the failure fails as well. */
  @Test
  @Timeout(60)
  void aRoundThatFailsAndCannotEvenSaySoDoesNotEndTheThread() throws InterruptedException {
    CountDownLatch rounds = new CountDownLatch(3);
    Rounds.start(
        "test-rounds",
        1,
        () -> {
          rounds.countDown();
          throw new OutOfMemoryError("fake");
        },
        t -> {
          throw new OutOfMemoryError("fake, again");
        });
    assertThat(rounds.await(50, TimeUnit.SECONDS)).isTrue();
  }

  /** A registry of the application that blocks kept the JVM from ever ending. */
  @Test
  @Timeout(60)
  void anExportThatHangsDoesNotHoldUpTheEnd() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    Exporter exporter =
        new Exporter(
            "test-export",
            List.of(
                () -> {
                  entered.countDown();
                  hangs.await();
                }),
            new CallMetrics(10));
    exporter.start();
    assertThat(entered.await(50, TimeUnit.SECONDS)).isTrue();

    exporter.finish(); // returns, or the time-out of this test strikes

    assertThat(hangs.getCount()).isEqualTo(1);
    hangs.countDown();
  }
}
