package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.answer;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.config.Bounds;
import dev.paceline.config.OnDeadline;
import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a call that failed is counted as, and one that passed unmanaged. */
class FailuresTest {
  private final TestCalls test = new TestCalls();

  @Test
  void aServedCallIsNoFailureAndTellsHowLongItTook() {
    CallExecution course = test.begin("{}");
    course.start();
    test.time.pass(2 * SECOND);
    course.served(200, Headers.NONE, 0);
    assertThat(test.failures).isEmpty();
    assertThat(test.served).containsExactly("2000 ms, waited 0 ms");
  }

  @Test
  void aCallThatWaitedTellsBoth() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    Step step = first.answered(limited("4"), 0);
    test.ride(first, step);
    test.time.pass(SECOND);
    first.served(200, Headers.NONE, 0);
    assertThat(test.failures).isEmpty();
    assertThat(test.served).hasSize(1).allMatch(text -> text.matches("5\\d+ ms, waited 4\\d+ ms"));
  }

  @Test
  void theProvidersNoIsTheProviders() {
    ends(limited("90"));
    ends(answer(400, Map.of(), "{\"error\":{\"message\":\"no such parameter\"}}"));
    ends(
        answer(
            429,
            Map.of(),
            "{\"error\":{\"message\":\"You exceeded your current"
                + " quota\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}"));
    assertThat(test.failures).containsExactly("RATE_LIMITED", "CLIENT_ERROR", "QUOTA");
  }

  @Test
  void theAgentsNoIsTheAgents() {
    test.policy =
        TestCalls.policy(
            SECOND, OnDeadline.REJECT, new Bounds(1, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO));
    test.begin("{\"n\":1}").start();
    assertThat(test.begin("{\"n\":2}").start()).isInstanceOf(Step.Replay.class);
    assertThat(test.failures).containsExactly("WAIT_TOO_LONG");
  }

  @Test
  void aFullQueueAndARepeatOfWhatWasGivenUpAreNamed() {
    test.queueMax = 0;
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    first.answered(limited("20"), 0);
    test.begin("{\"n\":2}").start();
    test.begin("{\"n\":1}").start();
    assertThat(test.failures).containsExactly("RATE_LIMITED", "QUEUE_FULL", "REPEATED");
  }

  @Test
  void noAnswerAndACancelledCallAreNamed() {
    CallExecution lost = test.begin("{\"n\":1}");
    lost.start();
    lost.failed(false);
    CallExecution left = test.begin("{\"n\":2}");
    left.start();
    left.cancelled();
    assertThat(test.failures).containsExactly("IO_ERROR", "CANCELLED");
  }

  @Test
  void whatPassesUnmanagedIsCounted() {
    test.enabled = false;
    assertThat(test.calls.recognise("api.openai.com", 443, "/v1/chat/completions")).isNull();
    assertThat(test.calls.recognise("example.com", 443, "/v1/chat/completions")).isNull();
    assertThat(test.calls.recognise("api.openai.com", 443, "/health")).isNull();
    assertThat(test.bypassed).containsExactly(BypassReason.DISABLED);
    assertThat(test.calls.passes("api.openai.com", 443)).isTrue();
    assertThat(test.calls.passes("example.com", 443)).isFalse();
    assertThat(test.calls.off()).isEqualTo(BypassReason.DISABLED);
    test.enabled = true;
    assertThat(test.calls.off()).isNull();
    assertThat(test.calls.passes("api.openai.com", 443)).isFalse();
  }

  @Test
  void aCallThatTheAgentFailsAtIsCountedAsPassedUnmanaged() {
    test.ruled.put("gpt-4o", null); // a policy that fails whoever reads it
    assertThatThrownBy(() -> test.begin("{\"model\":\"gpt-4o\"}"))
        .hasMessage("the call was let pass");
    assertThat(test.bypassed).containsExactly(BypassReason.FAULTS);
  }

  private void ends(ProviderResponse answer) {
    CallExecution course = test.beginWith("sk-it-" + test.failures.size(), "{}");
    course.start();
    course.answered(answer, 0);
  }
}
