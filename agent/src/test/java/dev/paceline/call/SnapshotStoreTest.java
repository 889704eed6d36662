package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.words.Headers;
import dev.paceline.words.Scope;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotStoreTest {
  private final TestCalls test = new TestCalls();

  @Test
  void aScopeBeginsWithWhatAnEarlierRunLearned() {
    CallExecution course = test.begin("{}");
    course.start();
    if (course.answered(limited("40"), 0) instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    Map<Scope, LimiterSnapshot> learned = test.calls.learned();
    assertThat(learned).hasSize(1);

    TestCalls restarted = new TestCalls();
    restarted.calls.remembering(
        scope -> new SnapshotStore.Recalled(learned.get(scope), 10 * SECOND));
    CallExecution next = restarted.begin("{}");
    Step step = next.start();
    assertThat(step).isInstanceOf(Step.Wait.class);
    restarted.ride(next, step);
    assertThat(restarted.time.nanos()).isBetween(30 * SECOND, 33 * SECOND);
  }

  @Test
  void aScopeThatLearnedNothingIsNotKept() {
    CallExecution course = test.begin("{}");
    course.start();
    course.served(200, Headers.NONE, 0);
    assertThat(test.calls.learned()).isEmpty();
    assertThat(test.calls.lastCall()).isZero();
    test.time.pass(SECOND);
    test.begin("{}").start();
    assertThat(test.calls.lastCall()).isEqualTo(SECOND);
  }

  @Test
  void aMemoryThatFailsCostsNothingButItself() {
    test.calls.remembering(
        scope -> {
          throw new IllegalStateException("broken");
        });
    assertThat(test.begin("{}").start()).isInstanceOf(Step.Send.class);
    assertThat(test.events).contains("fault state");
  }
}
