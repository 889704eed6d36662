package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.VirtualTime.MILLI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.paceline.config.Bounds;
import dev.paceline.config.OnDeadline;
import dev.paceline.words.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CallerDeadlinesTest {
  private final CallerDeadlines deadlines = new CallerDeadlines();
  private final Random random = new Random(7);

  @Test
  void callsThatAreCancelledAtTheSameAgeTellTheirDeadlineWithinTwenty() {
    for (int i = 0; i < 20; i++) {
      deadlines.cancelled(Client.JDK, i * SECOND, 10 * SECOND + random.nextInt(60) * MILLI);
    }
    assertThat(deadlines.of(Client.JDK, 20 * SECOND)).isCloseTo(10 * SECOND, within(SECOND));
    assertThat(deadlines.shortest()).isCloseTo(10 * SECOND, within(SECOND));
    assertThat(deadlines.of(Client.OKHTTP, 20 * SECOND)).isEqualTo(CallerDeadlines.NONE);
  }

  @Test
  void agesOfAllKindsTellNothing() {
    for (int i = 0; i < 200; i++) {
      deadlines.cancelled(Client.JDK, i * SECOND, (1 + random.nextInt(30)) * SECOND);
    }
    assertThat(deadlines.of(Client.JDK, 200 * SECOND)).isEqualTo(CallerDeadlines.NONE);
  }

  @Test
  void hedgedCallsThatAreCancelledAtOnceTellNothing() {
    for (int i = 0; i < 50; i++) {
      deadlines.cancelled(Client.JDK, i * SECOND, 200 * MILLI);
    }
    assertThat(deadlines.of(Client.JDK, 50 * SECOND)).isEqualTo(CallerDeadlines.NONE);
  }

  @Test
  void callsThatBeginAndAreCancelledTogetherMayBeOnePersonsClick() {
    for (int i = 0; i < 100; i++) {
      deadlines.cancelled(Client.JDK, 7 * SECOND, 7 * SECOND - i * MILLI);
    }
    assertThat(deadlines.of(Client.JDK, 8 * SECOND)).isEqualTo(CallerDeadlines.NONE);
    for (int i = 0; i < 4; i++) {
      deadlines.cancelled(Client.JDK, 15 * SECOND, 7 * SECOND);
    }
    assertThat(deadlines.of(Client.JDK, 16 * SECOND)).isCloseTo(7 * SECOND, within(100 * MILLI));
  }

  @Test
  void callsOfOneBurstThatAreCancelledOneByOneAtTheSameAgeTellTheirDeadline() {
    for (int i = 0; i < 20; i++) {
      long began = 5 * i * MILLI;
      long age = 10 * SECOND + random.nextInt(15) * MILLI;
      deadlines.cancelled(Client.JDK, began + age, age);
    }
    assertThat(deadlines.of(Client.JDK, 12 * SECOND)).isCloseTo(10 * SECOND, within(SECOND));
  }

  @Test
  void callsThatBeginInTheSameInstantNeedASecondWave() {
    for (int wave = 0; wave < 2; wave++) {
      assertThat(deadlines.of(Client.JDK, wave * 12 * SECOND)).isEqualTo(CallerDeadlines.NONE);
      for (int i = 0; i < 16; i++) {
        deadlines.cancelled(Client.JDK, (wave * 12 + 10) * SECOND, 10 * SECOND);
      }
    }
    assertThat(deadlines.of(Client.JDK, 24 * SECOND)).isEqualTo(10 * SECOND);
  }

  @Test
  void callsThatLiveLongerProveItWrong() {
    learn();
    deadlines.ended(Client.JDK, 30 * SECOND);
    deadlines.ended(Client.JDK, 9 * SECOND);
    deadlines.ended(Client.JDK, 30 * SECOND);
    assertThat(deadlines.of(Client.JDK, 10 * SECOND)).isNotEqualTo(CallerDeadlines.NONE);
    deadlines.ended(Client.JDK, 30 * SECOND);
    assertThat(deadlines.of(Client.JDK, 10 * SECOND)).isEqualTo(CallerDeadlines.NONE);
    assertThat(deadlines.shortest()).isEqualTo(CallerDeadlines.NONE);
  }

  @Test
  void onceAMinuteACallFindsOutWhetherItHolds() {
    learn();
    List<Integer> free = new ArrayList<>();
    for (int second = 9; second < 250; second++) {
      if (deadlines.of(Client.JDK, second * SECOND) == CallerDeadlines.NONE) {
        free.add(second);
      }
    }
    assertThat(free).hasSize(4);
  }

  @Test
  void whatNothingConfirmsIsForgotten() {
    learn();
    assertThat(deadlines.of(Client.JDK, 3_600 * SECOND)).isEqualTo(CallerDeadlines.NONE);
    assertThat(deadlines.shortest()).isEqualTo(CallerDeadlines.NONE);
  }

  @Test
  void aCallThatCannotMakeItIsAnsweredAtOnceAndOneThatCanWaits() {
    TestCalls test = new TestCalls();
    test.policy =
        TestCalls.policy(
            120 * SECOND,
            OnDeadline.AUTO,
            new Bounds(6, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    List<CallExecution> waiting = new ArrayList<>();
    int body = 0;
    // Twice twenty come into a queue of a minute and more, and are cancelled after ten seconds.
    for (int wave = 0; wave < 2; wave++) {
      for (int i = 0; i < 20; i++) {
        CallExecution course = test.begin("{\"n\":" + body++ + "}");
        if (course.start() instanceof Step.Wait) {
          waiting.add(course);
        }
      }
      test.time.pass(10 * SECOND);
      waiting.forEach(CallExecution::cancelled);
    }
    Step late = null;
    for (int i = 0; i < 20 && !(late instanceof Step.Replay); i++) {
      late = test.begin("{\"n\":" + body++ + "}").start();
    }
    assertThat(late).isInstanceOf(Step.Replay.class);
    assertThat(((Step.Replay) late).answer().headers().first("x-paceline-answered"))
        .isEqualTo("local");
    assertThat(new String(((Step.Replay) late).answer().body()))
        .contains("than its caller does, whose calls are cancelled after 10 s");
    assertThat(test.calls.view().get(0).callerDeadlineNanos())
        .isCloseTo(10 * SECOND, within(SECOND));
  }

  private void learn() {
    for (int i = 0; i < CallerDeadlines.LOOKED_AT; i++) {
      deadlines.cancelled(Client.JDK, i * SECOND, 10 * SECOND);
    }
  }
}
