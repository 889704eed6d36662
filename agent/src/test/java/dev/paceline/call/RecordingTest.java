package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Mode;
import dev.paceline.record.CallRecord;
import dev.paceline.record.CallRecorder;
import dev.paceline.words.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written down of a call, and when. */
class RecordingTest {
  private static final Map<String, String> JSON = Map.of("content-type", "application/json");
  private static final byte[] USAGE =
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":8,\"prompt_tokens_details\":{\"cached_tokens\":4}}}"
          .getBytes(StandardCharsets.UTF_8);

  private final TestCalls test = new TestCalls();
  private final List<CallRecord> records = new ArrayList<>();

  @BeforeEach
  void record() {
    test.calls.recorder(new CallRecorder(test.time, records::add));
  }

  @Test
  void aServedCallIsWrittenWhenItsBodyHasEnded() {
    CallExecution course = test.begin("{\"model\":\"m\",\"messages\":[{\"content\":\"hello\"}]}");
    course.start();
    test.time.pass(TestCalls.SECOND);
    Headers headers = TestCalls.headers(JSON);
    BodyTap tap = Objects.requireNonNull(course.tap(200, headers));
    course.served(200, headers, 0);
    assertThat(records).isEmpty();
    test.time.pass(TestCalls.SECOND);
    tap.bytes(USAGE, 0, USAGE.length);
    tap.end(true);
    tap.end(true);

    CallRecord call = records.get(0);
    assertThat(records).hasSize(1);
    assertThat(call.at()).isEqualTo(1_800_000_000_000L);
    assertThat(call.provider()).isEqualTo("openai");
    assertThat(call.model()).isEqualTo("m");
    assertThat(call.inputEstimate()).isPositive();
    assertThat(call.input()).isEqualTo(14);
    assertThat(call.cached()).isEqualTo(4);
    assertThat(call.output()).isEqualTo(8);
    assertThat(call.waitMillis()).isZero();
    assertThat(call.millis()).isEqualTo(2_000);
    assertThat(call.headMillis()).isEqualTo(1_000);
    assertThat(call.attempts()).isEqualTo(1);
    assertThat(call.outcome()).isEqualTo("success");
  }

  @Test
  void waitsAndRefusedAttemptsAreSummedUp() {
    CallExecution course = test.begin("{\"model\":\"m\"}");
    course.start();
    Step step = course.answered(TestCalls.answer(429, Map.of("retry-after", "3"), "{}"), 0);
    assertThat(step).isInstanceOf(Step.Wait.class);
    Ticket ticket = ((Step.Wait) step).ticket();
    List<Step> next = new ArrayList<>();
    ticket.whenReady(() -> next.add(course.resumed(ticket)));
    test.time.pass(10 * TestCalls.SECOND);
    assertThat(next).singleElement().isInstanceOf(Step.Send.class);
    course.served(200, Headers.NONE, 0);

    CallRecord call = records.get(0);
    assertThat(call.waitMillis()).isBetween(3_000L, 4_000L);
    assertThat(call.attempts()).isEqualTo(2);
    assertThat(call.limited()).isEqualTo(1);
    assertThat(call.outcome()).isEqualTo("success");
  }

  @Test
  void aCancelledCallIsWritten() {
    CallExecution course = test.begin("{\"model\":\"m\"}");
    course.start();
    course.cancelled();
    course.cancelled();

    assertThat(records).singleElement().extracting(CallRecord::outcome).isEqualTo("cancelled");
  }

  @Test
  void observedCallsAreWrittenToo() {
    test.policy =
        new dev.paceline.config.Policy(
            true,
            Mode.OBSERVE,
            6,
            60 * TestCalls.SECOND,
            false,
            150 * TestCalls.SECOND,
            TestCalls.SECOND,
            TestCalls.SECOND / 2,
            60 * TestCalls.SECOND,
            0.25,
            dev.paceline.config.OnDeadline.AUTO,
            "");
    CallExecution course = test.begin("{\"model\":\"m\"}");
    course.start();
    course.answered(TestCalls.answer(429, Map.of("retry-after", "3"), "{}"), 0);

    assertThat(records).singleElement().extracting(CallRecord::outcome).isEqualTo("rate_limited");
    assertThat(records.get(0).waitMillis()).isZero();
  }

  @Test
  void aRecorderThatFailsFailsNoCallAndIsNotAskedAgain() {
    List<Integer> asked = new ArrayList<>();
    test.calls.recorder(
        new CallRecorder(
            test.time,
            call -> {
              asked.add(1);
              throw new IllegalStateException("a test");
            }));
    for (int i = 0; i < 3; i++) {
      CallExecution course = test.begin("{\"model\":\"m\",\"n\":" + i + "}");
      assertThat(course.start()).isInstanceOf(Step.Send.class);
      course.served(200, Headers.NONE, 0);
    }

    assertThat(asked).hasSize(1);
    assertThat(test.events).contains("fault record");
  }
}
