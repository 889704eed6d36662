package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bounds of the queue, and calls that may not wait. */
class QueueTest {
  private final TestCalls test = new TestCalls();

  private void close() {
    CallExecution course = test.begin("{\"closes\":1}");
    assertThat(course.start()).isInstanceOf(Step.Send.class);
    if (course.answered(limited("5"), 0) instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    course.cancelled();
  }

  private List<Step> start(int calls) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      steps.add(test.begin("{\"i\":" + (100 + i) + "}").start());
    }
    return steps;
  }

  @Test
  void aCallBeyondTheQueueIsAnsweredLocallyWhileTheWaitIsTheProvidersWord() {
    test.queueMax = 3;
    close();
    List<Step> steps = start(4);
    assertThat(steps.subList(0, 3)).hasOnlyElementsOfType(Step.Wait.class);
    assertThat(((Step.Replay) steps.get(3)).answer().status()).isEqualTo(429);
    assertThat(test.events).contains("gave up QUEUE_FULL");
  }

  @Test
  void aCallBeyondTheQueueIsSentWhereThatIsWanted() {
    test.policy = TestCalls.policy(60 * SECOND, OnDeadline.SEND, Bounds.NONE);
    test.queueMax = 3;
    close();
    assertThat(start(4).get(3)).isInstanceOf(Step.Send.class);
  }

  @Test
  void bodiesThatTheQueueKeepsAliveAreBoundedToo() {
    test.queueBytes = 25;
    close();
    List<Step> steps = start(3); // nine bytes each
    assertThat(steps.subList(0, 2)).hasOnlyElementsOfType(Step.Wait.class);
    assertThat(steps.get(2)).isInstanceOf(Step.Replay.class);
  }

  @Test
  void aRetryBeyondTheQueueIsGivenUp() {
    test.queueMax = 1;
    CallExecution first = test.begin("{\"n\":1}");
    CallExecution second = test.begin("{\"n\":2}");
    first.start();
    second.start();
    assertThat(first.answered(limited("5"), 0)).isInstanceOf(Step.Wait.class);
    assertThat(second.answered(limited("5"), 0)).isInstanceOf(Step.Deliver.class);
    assertThat(test.events).contains("gave up QUEUE_FULL");
  }

  @Test
  void whoLeavesMakesRoomHoweverItLeaves() {
    test.queueMax = 2;
    close();
    List<Step> steps = start(2);
    ((Step.Wait) steps.get(0)).ticket().cancel();
    assertThat(start(1).get(0)).isInstanceOf(Step.Wait.class);
    test.calls.releaseWaits();
    close();
    assertThat(start(2)).hasOnlyElementsOfType(Step.Wait.class);
    test.time.pass(20 * SECOND);
    close();
    assertThat(start(2)).hasOnlyElementsOfType(Step.Wait.class);
  }

  @Test
  void aHostThatIsFailedOverFromHasItsLimitAnswersDeliveredAtOnce() {
    test.policy = TestCalls.policy(0, OnDeadline.AUTO, Bounds.NONE);
    CallExecution course = test.begin("{\"n\":1}");
    course.start();
    assertThat(course.answered(limited("2"), 0)).isInstanceOf(Step.Deliver.class);
    CallExecution next = test.begin("{\"n\":2}");
    assertThat(((Step.Replay) next.start()).answer().status()).isEqualTo(429);
    assertThat(test.calls.snapshot().waiting()).isZero();
    test.time.pass(3 * SECOND);
    assertThat(test.begin("{\"n\":3}").start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void aCallThatMayNotWaitIsNotRefusedForBeingSpread() {
    test.policy = TestCalls.policy(0, OnDeadline.REJECT, Bounds.NONE);
    assertThat(start(50)).hasOnlyElementsOfType(Step.Send.class);
  }

  @Test
  void aTypedLimitIsAWordToo() {
    test.policy =
        TestCalls.policy(
            11 * SECOND,
            OnDeadline.AUTO,
            new Bounds(6, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    List<Step> steps = start(8);
    assertThat(steps.stream().filter(step -> step instanceof Step.Replay)).hasSize(2);
    assertThat(test.events).contains("limited rpm", "gave up DEADLINE");
  }

  @Test
  void whoWaitsForATypedLimitFollowsItsChange() {
    test.policy =
        TestCalls.policy(
            70 * SECOND,
            OnDeadline.AUTO,
            new Bounds(6, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    List<Step> steps = start(8);
    test.time.pass(2 * SECOND);
    Ticket last = ((Step.Wait) steps.get(7)).ticket();
    assertThat(last.state()).isEqualTo(Ticket.State.WAITING);
    test.policy = TestCalls.policy(70 * SECOND, OnDeadline.AUTO, Bounds.NONE);
    test.calls.settingsChanged();
    test.time.pass(SECOND);
    assertThat(last.state()).isEqualTo(Ticket.State.ADMITTED);
  }

  @Test
  void whoHasWaitedTooLongIsToldTheWaitOfACallThatComesNow() {
    test.policy = TestCalls.policy(10 * SECOND, OnDeadline.REJECT, Bounds.NONE);
    close();
    List<CallExecution> courses = new ArrayList<>();
    List<Step.Wait> waits = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      CallExecution course = test.begin("{\"i\":" + (100 + i) + "}");
      courses.add(course);
      waits.add((Step.Wait) course.start());
    }
    test.policy =
        TestCalls.policy(
            10 * SECOND,
            OnDeadline.REJECT,
            new Bounds(6, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    test.calls.settingsChanged();
    test.time.pass(11 * SECOND);
    Step step = courses.get(19).resumed(waits.get(19).ticket());
    Headers headers = ((Step.Replay) step).answer().headers();
    assertThat(Integer.parseInt(String.valueOf(headers.first("retry-after"))))
        .as("six have left in this minute, and the queue's other fourteen are not served yet")
        .isGreaterThan(45);
    assertThat(headers.first("x-paceline-setting")).isEqualTo("paceline.max-wait");
  }

  @Test
  void whoIsRefusedAtOnceIsToldThePredictedWaitAndHowManyWait() {
    test.policy =
        TestCalls.policy(
            70 * SECOND,
            OnDeadline.AUTO,
            new Bounds(6, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    List<Step> steps = start(13);
    Headers headers = ((Step.Replay) steps.get(12)).answer().headers();
    assertThat(Integer.parseInt(String.valueOf(headers.first("retry-after")))).isBetween(100, 130);
    long waiting = steps.stream().filter(step -> step instanceof Step.Wait).count();
    assertThat(headers.first("x-paceline-waiting")).isEqualTo(Long.toString(waiting));
    assertThat(headers.first("x-paceline-limit")).isEqualTo("rpm");
  }

  @Test
  void aChangeToObserveReleasesWhoWaitsAtOnceButNotWhoARuleEnforces() {
    Bounds one = new Bounds(1, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO);
    test.policy = TestCalls.policy(70 * SECOND, OnDeadline.AUTO, one);
    test.ruled.put("o3", test.policy);
    List<Ticket> waiting = new ArrayList<>();
    for (String model : List.of("gpt-4o", "o3")) {
      for (int i = 0; i < 2; i++) {
        Step step = test.begin("{\"model\":\"" + model + "\",\"n\":" + i + "}").start();
        if (step instanceof Step.Wait wait) {
          waiting.add(wait.ticket());
        }
      }
    }
    assertThat(waiting).hasSize(2);
    test.policy = observing(one);
    test.calls.settingsChanged();
    assertThat(waiting.get(0).state()).isEqualTo(Ticket.State.RELEASED);
    assertThat(waiting.get(1).state()).isEqualTo(Ticket.State.WAITING);
  }

  private static Policy observing(Bounds bounds) {
    return new Policy(
        true,
        Mode.OBSERVE,
        6,
        70 * SECOND,
        false,
        150 * SECOND,
        SECOND,
        SECOND / 2,
        60 * SECOND,
        0.25,
        OnDeadline.AUTO,
        false,
        false,
        "",
        bounds);
  }

  @Test
  void shutdownCancelsWhatWaitsForItsFirstAttempt() {
    close();
    CallExecution course = test.begin("{\"n\":2}");
    Step.Wait wait = (Step.Wait) course.start();
    List<String> woken = new ArrayList<>();
    wait.ticket().whenReady(() -> woken.add("woken"));
    test.calls.shutdown();
    assertThat(woken).hasSize(1);
    assertThat(wait.ticket().state()).isEqualTo(Ticket.State.CANCELLED);
    assertThat(course.resumed(wait.ticket())).isInstanceOf(Step.Cancel.class);
    assertThat(test.events).contains("ended CANCELLED");
    assertThat(test.begin("{\"n\":3}").start())
        .as("what begins while the JVM ends is as without the agent")
        .isInstanceOf(Step.Send.class);
  }

  @Test
  void shutdownDeliversTheAnswerThatWasKept() {
    CallExecution course = test.begin("{\"n\":1}");
    course.start();
    Step.Wait wait = (Step.Wait) course.answered(limited("20"), 0);
    test.calls.shutdown();
    assertThat(((Step.Replay) course.resumed(wait.ticket())).answer().status()).isEqualTo(429);
  }

  @Test
  void aWaitThatBeginsWhileAllAreEndedEndsAtOnce() {
    close();
    CallExecution course = test.begin("{\"n\":2}");
    CallExecution other = test.begin("{\"n\":3}");
    test.onEnter = () -> test.enabled = false; // after the look, before the place in the queue
    Step.Wait wait = (Step.Wait) course.start();
    assertThat(wait.ticket().state()).isEqualTo(Ticket.State.RELEASED);
    assertThat(course.resumed(wait.ticket())).isInstanceOf(Step.Send.class);
    assertThat(other.start()).isInstanceOf(Step.Send.class);
  }
}
