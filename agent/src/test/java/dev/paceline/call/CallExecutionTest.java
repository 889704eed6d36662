package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.answer;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallExecutionTest {
  private final TestCalls test = new TestCalls();

  @Test
  void callsThatMeetNoLimitAreSentAtOnce() {
    for (int i = 0; i < 100; i++) {
      CallExecution course = test.begin("{}");
      assertThat(course.start()).isInstanceOf(Step.Send.class);
      course.served(200, Headers.NONE, 0);
    }
    assertThat(test.time.alarms()).isZero();
    assertThat(test.events).hasSize(100).containsOnly("ended SUCCESS");
  }

  @Test
  void aRetryWaitsForAsLongAsTheAnswerSaysAndNeverLess() {
    CallExecution course = test.begin("{}");
    course.start();
    Step wait = course.answered(limited("2"), 0);
    assertThat(test.ride(course, wait)).isInstanceOf(Step.Send.class);
    assertThat(test.time.nanos()).isBetween(2 * SECOND, 5 * SECOND / 2);
    course.served(200, Headers.NONE, 0);
    assertThat(test.events).containsExactly("limited rpm", "retried 429", "ended SUCCESS");
  }

  @Test
  void aFullProvisionedDeploymentIsDeliveredUnlessARuleSaysToWait() {
    Map<String, String> headers =
        Map.of("azure-openai-deployment-utilization", "101.3%", "retry-after-ms", "43");
    String body = "{\"error\":{\"code\":\"429\",\"message\":\"Too many requests\"}}";
    for (boolean retry : new boolean[] {false, true}) {
      TestCalls calls = new TestCalls();
      Policy p = calls.policy;
      calls.policy =
          new Policy(
              true,
              Mode.ENFORCE,
              6,
              p.maxWaitNanos(),
              false,
              p.maxCallWaitNanos(),
              p.backoffInitialNanos(),
              p.perhapsInitialNanos(),
              p.backoffCapNanos(),
              p.jitter(),
              p.onDeadline(),
              false,
              retry,
              "ptu",
              Bounds.NONE);
      CallExecution course = calls.beginAt("azure-openai", "own.openai.azure.com", Map.of());
      course.start();
      Step step = course.answered(answer(429, headers, body), 0);
      if (retry) {
        assertThat(calls.ride(course, step)).isInstanceOf(Step.Send.class);
        assertThat(course.answered(answer(429, headers, body), 0))
            .as("the policy lasts")
            .isInstanceOf(Step.Wait.class);
      } else {
        assertThat(step).isInstanceOf(Step.Deliver.class);
      }
      assertThat(calls.events).contains("limited capacity");
    }
  }

  @Test
  void aRequestLargerThanTheModelsContextIsCountedAndDelivered() {
    String body = "{\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"too long\"}}";
    CallExecution course = test.begin("{}");
    course.start();
    assertThat(course.answered(answer(400, Map.of(), body), 0)).isInstanceOf(Step.Deliver.class);
    assertThat(test.events).containsExactly("too large", "ended CLIENT_ERROR");
  }

  @Test
  void sixAttemptsSpanMoreThanAWindowAndTheLastAnswerIsDelivered() {
    CallExecution course = test.begin("{}");
    Step step = course.start();
    int attempts = 0;
    while (step instanceof Step.Send) {
      attempts++;
      step = course.answered(limited(null), 0);
      if (step instanceof Step.Wait) {
        step = test.ride(course, step);
      }
    }
    assertThat(step).isEqualTo(new Step.Deliver(false));
    assertThat(attempts).isEqualTo(6);
    assertThat(test.time.nanos()).isBetween(70 * SECOND, 80 * SECOND);
    assertThat(test.events).contains("gave up ATTEMPTS", "ended GAVE_UP");
  }

  @Test
  void whileOneWaitsOutALimitOthersDoNotCollectTheSame() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    Step wait = first.answered(limited("2"), 0);
    List<CallExecution> others = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      CallExecution other = test.begin("{\"o\":" + i + "}");
      others.add(other);
      steps.add(other.start());
    }
    assertThat(steps).hasOnlyElementsOfType(Step.Wait.class);
    test.ride(first, wait);
    assertThat(test.time.nanos()).isGreaterThanOrEqualTo(2 * SECOND);
    long before = test.time.nanos();
    for (int i = 0; i < 20; i++) {
      assertThat(test.ride(others.get(i), steps.get(i))).isInstanceOf(Step.Send.class);
    }
    assertThat(test.time.nanos() - before)
        .as("one by one, not as a herd")
        .isGreaterThan(SECOND / 2);
  }

  @Test
  void fiftyCallsThatMetTheSameLimitLeaveOneByOne() {
    List<CallExecution> courses = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      CallExecution course = test.begin("{\"i\":" + i + "}");
      courses.add(course);
      steps.add(course.start());
    }
    for (int i = 0; i < 50; i++) {
      if (steps.get(i) instanceof Step.Wait) {
        // Nobody has said anything yet: all are sent within two seconds.
        assertThat(test.ride(courses.get(i), steps.get(i))).isInstanceOf(Step.Send.class);
      }
    }
    assertThat(test.time.nanos()).isLessThan(2 * SECOND);
    steps.clear();
    long last = 0;
    for (CallExecution course : courses) {
      test.time.pass(VirtualTime.MILLI);
      steps.add(course.answered(limited("2"), 0));
      last = test.time.nanos();
    }
    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      assertThat(test.ride(courses.get(i), steps.get(i))).isInstanceOf(Step.Send.class);
      sent.add(test.time.nanos());
      courses.get(i).served(200, Headers.NONE, 0);
    }
    assertThat(sent.get(0) - last).isGreaterThanOrEqualTo(2 * SECOND);
    for (int i = 0; i + 5 < sent.size(); i++) {
      assertThat(sent.get(i + 5) - sent.get(i))
          .as("at most a tenth of 50 in 100 ms")
          .isGreaterThan(SECOND / 10);
    }
  }

  @Test
  void aWaitThatDoesNotFitTheDeadlineIsNotBegun() {
    CallExecution course = test.begin("{}", Map.of(), 3 * SECOND, true, null);
    course.start();
    assertThat(course.answered(limited("30"), 0)).isEqualTo(new Step.Deliver(false));
    assertThat(test.events)
        .containsExactly("limited rpm", "gave up DEADLINE", "ended RATE_LIMITED");
  }

  @Test
  void aTypedMaxWaitOverridesTheRequestsOwnTimeout() {
    test.policy =
        new Policy(
            true,
            Mode.ENFORCE,
            6,
            60 * SECOND,
            true,
            150 * SECOND,
            SECOND,
            SECOND / 2,
            60 * SECOND,
            0.25,
            OnDeadline.AUTO,
            "");
    CallExecution course = test.begin("{}", Map.of(), 3 * SECOND, true, null);
    course.start();
    assertThat(course.answered(limited("30"), 0)).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aWaitLongerThanAllowedIsDeliveredAndTheOthersAreStillHeld() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    assertThat(first.answered(limited("66"), 0)).isInstanceOf(Step.Deliver.class);
    CallExecution other = test.begin("{\"n\":2}");
    Step local = other.start();
    assertThat(((Step.Replay) local).answer().headers().first("x-paceline-answered"))
        .as("a wait that would not fit, on the provider's own word")
        .isEqualTo("local");
    test.time.pass(5 * SECOND);
    CallExecution later = test.begin("{\"n\":3}");
    assertThat(later.start()).isInstanceOf(Step.Replay.class);
    test.time.pass(10 * SECOND);
    CallExecution fits = test.begin("{\"n\":4}");
    assertThat(fits.start()).isInstanceOf(Step.Wait.class);
  }

  @Test
  void oneSlowAnswerDoesNotMakeEveryCallRefuseToWait() {
    for (int i = 0; i < 20; i++) {
      CallExecution course = test.begin("{\"n\":" + i + "}");
      course.start();
      test.time.pass(i == 3 ? 30 * SECOND : SECOND);
      course.served(200, Headers.NONE, 0);
    }
    CallExecution hit = test.begin("{\"hit\":1}");
    hit.start();
    hit.answered(limited("1"), 0);
    long deadline = test.time.nanos() + 30 * SECOND;
    assertThat(test.begin("{\"late\":1}", Map.of(), deadline, true, null).start())
        .isInstanceOf(Step.Wait.class);
  }

  @Test
  void anAbsurdHintNeitherClosesForLongerThanTheLimitsWindowNorLetsCallsPassTheQueue() {
    test.policy = TestCalls.policy(20 * SECOND, OnDeadline.AUTO, Bounds.NONE);
    CallExecution first = test.begin("{\"n\":0}");
    first.start();
    assertThat(first.answered(limited("86400"), 0)).isInstanceOf(Step.Deliver.class);
    List<Long> sent = new ArrayList<>();
    for (int i = 1; i < 400; i++) {
      test.time.pass(SECOND);
      CallExecution course = test.begin("{\"n\":" + i + "}");
      Step step = course.start();
      step = step instanceof Step.Wait ? test.ride(course, step) : step;
      if (step instanceof Step.Send) {
        sent.add(test.time.nanos() / SECOND);
        assertThat(course.answered(limited("86400"), 0)).isInstanceOf(Step.Deliver.class);
      }
    }
    long windows = test.time.nanos() / (60 * SECOND);
    assertThat((long) sent.size())
        .as("one in each window finds out, not more and not less")
        .isBetween(windows - 2, windows);
  }

  @Test
  void aHintOfSomeMinutesIsTakenAtItsWord() {
    test.policy = TestCalls.policy(20 * SECOND, OnDeadline.AUTO, Bounds.NONE);
    CallExecution first = test.begin("{\"n\":0}");
    first.start();
    first.answered(limited("300"), 0);
    for (int i = 1; i < 27; i++) {
      test.time.pass(10 * SECOND);
      assertThat(test.begin("{\"n\":" + i + "}").start())
          .as("%s s later", 10 * i)
          .isInstanceOf(Step.Replay.class);
    }
  }

  @Test
  void aBodyThatCannotBeSentAgainIsNotRetried() {
    CallExecution course = test.begin("{}", Map.of(), RequestInfo.NO_DEADLINE, false, null);
    course.start();
    assertThat(course.answered(limited("1"), 0)).isInstanceOf(Step.Deliver.class);
    assertThat(test.events).contains("gave up NOT_REPLAYABLE");
  }

  @Test
  void aLaterUnauthorizedDeliversTheKeptAnswer() {
    CallExecution course = test.begin("{}");
    course.start();
    test.ride(course, course.answered(limited("1"), 0));
    Step step = course.answered(answer(401, Map.of(), "{\"error\":{\"message\":\"expired\"}}"), 0);
    assertThat(((Step.Replay) step).answer().status()).isEqualTo(429);
  }

  @Test
  void aLaterIoErrorDeliversTheKeptAnswer() {
    CallExecution course = test.begin("{}");
    course.start();
    test.ride(course, course.answered(limited("1"), 0));
    assertThat(((Step.Replay) course.failed(false)).answer().status()).isEqualTo(429);
    assertThat(test.events).doesNotContain("ended IO_ERROR");
  }

  @Test
  void aConnectionLostAfterSendingIsDelivered() {
    CallExecution course = test.begin("{}");
    course.start();
    assertThat(course.failed(false)).isEqualTo(new Step.Deliver(false));
  }

  @Test
  void aHostThatIsDownIsKnownWithinSeconds() {
    CallExecution course = test.begin("{}");
    Step step = course.start();
    int attempts = 0;
    while (step instanceof Step.Send) {
      attempts++;
      step = course.failed(true);
      if (step instanceof Step.Wait) {
        step = test.ride(course, step);
      }
    }
    assertThat(attempts).isEqualTo(3);
    assertThat(step).isEqualTo(new Step.Deliver(false));
    assertThat(test.time.nanos()).isLessThan(3 * SECOND);
  }

  /** A star may fit services of the application's own: an SMS gateway has /v1/messages, too. */
  @Test
  void onAHostThatOnlyAStarFitsAServerErrorIsRepeatedOnlyForABodyThatNamesAModel() {
    for (String host : List.of("sms.corp", "llm.corp", "api.openai.com")) {
      for (String body : List.of("{\"to\":\"123\"}", "{\"model\":\"m\"}")) {
        CallExecution course = test.beginAt(host, body);
        assertThat(course.start()).isInstanceOf(Step.Send.class);
        boolean repeats = course.answered(answer(500, Map.of(), "{}"), 0) instanceof Step.Wait;
        assertThat(repeats)
            .as("%s %s", host, body)
            .isEqualTo(!host.equals("sms.corp") || body.contains("model"));
        course.cancelled();
      }
    }
  }

  @Test
  void aServerErrorAroundALimitCountsAsThatLimit() {
    CallExecution course = test.begin("{\"model\":\"m\"}");
    course.start();
    String inner = "Rate limit reached for m on tokens per min (TPM): Limit 90, Used 80";
    course.answered(answer(500, Map.of(), "{\"error\":{\"message\":\"" + inner + "\"}}"), 0);
    assertThat(test.events).contains("limited tpm");
    course.cancelled();
  }

  @Test
  void serverErrorsAreRepeatedTwiceFromHalfASecond() {
    CallExecution course = test.begin("{}");
    Step step = course.start();
    int attempts = 0;
    while (step instanceof Step.Send) {
      attempts++;
      step = course.answered(answer(500, Map.of(), "{}"), 0);
      if (step instanceof Step.Wait) {
        step = test.ride(course, step);
      }
    }
    assertThat(attempts).isEqualTo(3);
    assertThat(test.time.nanos()).isBetween(SECOND, 2 * SECOND);
  }

  @Test
  void interceptorsThatSendAgainShareOneAllowance() {
    CallExecution course = test.begin("{}");
    Step step = course.start();
    int attempts = 0;
    while (step instanceof Step.Send) {
      attempts++;
      step = course.answered(limited(null), 0);
      if (step instanceof Step.Wait) {
        step = test.ride(course, step);
      }
    }
    for (int i = 0; i < 5; i++) {
      course = test.begin("{}", Map.of(), RequestInfo.NO_DEADLINE, true, course);
      step = course.start();
      assertThat(((Step.Replay) step).answer().status()).isEqualTo(429);
    }
    assertThat(attempts).isEqualTo(6);
  }

  @Test
  void interceptorsThatSendAgainAfterAnEmptyQuotaSpendNoFurtherAttempt() {
    String spent = "{\"error\":{\"code\":\"insufficient_quota\",\"type\":\"insufficient_quota\"}}";
    CallExecution course = test.begin("{}");
    assertThat(course.start()).isInstanceOf(Step.Send.class);
    assertThat(course.answered(answer(429, Map.of(), spent), 0)).isInstanceOf(Step.Deliver.class);
    for (int i = 0; i < 4; i++) {
      course = test.begin("{}", Map.of(), RequestInfo.NO_DEADLINE, true, course);
      assertThat(((Step.Replay) course.start()).answer().status()).isEqualTo(429);
    }
    course =
        test.begin(
            "{}", Map.of("Authorization", "Bearer other"), RequestInfo.NO_DEADLINE, true, course);
    assertThat(course.start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void hiddenFollowUpsOfTheClientAreCounted() {
    CallExecution course = test.begin("{}");
    Step step = course.start();
    int requests = 0;
    while (step instanceof Step.Send) {
      requests += 2;
      step = course.answered(limited(null), 1);
      if (step instanceof Step.Wait) {
        step = test.ride(course, step);
      }
    }
    assertThat(requests).isEqualTo(6);
  }

  @Test
  void aLoopAboveTheClientContinuesTheCallThatWasGivenUp() {
    int sent = 0;
    for (int loop = 0; loop < 3; loop++) {
      CallExecution course = test.begin("{\"same\":true}");
      Step step = course.start();
      while (step instanceof Step.Send || step instanceof Step.Wait) {
        if (step instanceof Step.Wait) {
          step = test.ride(course, step);
          continue;
        }
        sent++;
        step = course.answered(limited(null), 0);
      }
      assertThat(step).isInstanceOfAny(Step.Deliver.class, Step.Replay.class);
      test.time.pass(SECOND);
    }
    assertThat(sent).isBetween(6, 8);
  }

  @Test
  void aContinuationMeetsTheRecordedAnswerWhileTheGateIsClosed() {
    CallExecution first = test.begin("{\"same\":true}");
    first.start();
    assertThat(first.answered(limited("61"), 0)).isInstanceOf(Step.Deliver.class);
    CallExecution again = test.begin("{\"same\":true}");
    assertThat(again.start()).isInstanceOf(Step.Replay.class);
    assertThat(test.events).contains("gave up CONTINUATION");
  }

  @Test
  void aStainlessSdkIsToldNotToStartOver() {
    CallExecution course =
        test.begin(
            "{}", Map.of("X-Stainless-Retry-Count", "0"), RequestInfo.NO_DEADLINE, true, null);
    course.start();
    assertThat(course.answered(limited("3600"), 0)).isEqualTo(new Step.Deliver(true));
  }

  @Test
  void switchingOffReleasesRetryWaitsWithTheirLastAnswerAndUnsentCallsToTheWire() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    Step retry = first.answered(limited("20"), 0);
    CallExecution second = test.begin("{\"n\":2}");
    Step unsent = second.start();
    test.enabled = false;
    test.calls.releaseWaits();
    assertThat(((Step.Replay) first.resumed(((Step.Wait) retry).ticket())).answer().status())
        .isEqualTo(429);
    assertThat(second.resumed(((Step.Wait) unsent).ticket())).isInstanceOf(Step.Send.class);
    assertThat(test.time.alarms()).isZero();
  }

  @Test
  void observingCountsAndTouchesNothing() {
    test.policy =
        new Policy(
            true,
            Mode.OBSERVE,
            6,
            60 * SECOND,
            false,
            150 * SECOND,
            SECOND,
            SECOND / 2,
            60 * SECOND,
            0.25,
            OnDeadline.AUTO,
            "");
    CallExecution course = test.begin("{}");
    assertThat(course.start()).isInstanceOf(Step.Send.class);
    assertThat(course.answered(limited("2"), 0)).isEqualTo(new Step.Deliver(false));
    CallExecution next = test.begin("{}");
    assertThat(next.start()).isInstanceOf(Step.Send.class);
    assertThat(test.events)
        .containsExactly(
            "limited rpm",
            "avoidable rpm RETRY",
            "retried 429",
            "would wait rpm RETRY_AFTER 2250 ms",
            "ended RATE_LIMITED",
            "would wait rpm PACING 2050 ms");
  }

  @Test
  void observeModeLearnsFromHeadersAndTellsWhatPacingWouldHaveDone() {
    test.policy = observing(test.policy);
    Map<String, String> headers =
        Map.of(
            "x-ratelimit-limit-requests", "60",
            "x-ratelimit-remaining-requests", "0",
            "x-ratelimit-reset-requests", "60s");
    CallExecution first = test.begin("{}");
    assertThat(first.start()).isInstanceOf(Step.Send.class);
    first.served(200, TestCalls.headers(headers), 0);
    assertThat(test.calls.view().get(0).budget().buckets())
        .as("what the page shows in observe mode")
        .anySatisfy(line -> assertThat(line.left()).isLessThan(2));
    test.events.clear();

    CallExecution second = test.begin("{\"n\":2}");
    assertThat(second.start()).as("sent at once").isInstanceOf(Step.Send.class);
    assertThat(second.answered(limited(null), 0)).isEqualTo(new Step.Deliver(false));
    assertThat(test.events).hasSize(4);
    assertThat(test.events.get(0)).startsWith("would wait rpm PACING");
    assertThat(test.events.subList(1, 4))
        .containsExactly("limited rpm", "avoidable rpm PACING", "ended RATE_LIMITED");
    assertThat(test.calls.view().get(0).waiting()).isZero();
    assertThat(test.calls.view().get(0).budget().inFlight()).isZero();
  }

  @Test
  void whatAnSdkRepeatsIsCounted() {
    CallExecution first =
        test.begin(
            "{}", Map.of("X-Stainless-Retry-Count", "0"), RequestInfo.NO_DEADLINE, true, null);
    first.start();
    first.served(200, TestCalls.headers(Map.of()), 0);
    CallExecution again =
        test.begin(
            "{}", Map.of("X-Stainless-Retry-Count", "1"), RequestInfo.NO_DEADLINE, true, null);
    again.start();
    again.served(200, TestCalls.headers(Map.of()), 0);
    assertThat(test.events).containsExactly("ended SUCCESS", "repeated", "ended SUCCESS");
  }

  private static Policy observing(Policy policy) {
    return new Policy(
        policy.enabled(),
        Mode.OBSERVE,
        policy.maxAttempts(),
        policy.maxWaitNanos(),
        policy.maxWaitTyped(),
        policy.maxCallWaitNanos(),
        policy.backoffInitialNanos(),
        policy.perhapsInitialNanos(),
        policy.backoffCapNanos(),
        policy.jitter(),
        policy.onDeadline(),
        policy.ruleId());
  }

  @Test
  void aCancelledTicketLeavesTheQueueAtOnce() {
    CallExecution first = test.begin("{}");
    first.start();
    Step wait = first.answered(limited("5"), 0);
    ((Step.Wait) wait).ticket().cancel();
    first.cancelled();
    assertThat(test.time.alarms()).isZero();
    assertThat(test.events).contains("ended CANCELLED");
  }

  @Test
  void theTraceIsToldOfEachAttemptAndOfAWaitThatWasCancelled() {
    List<String> told = new ArrayList<>();
    test.calls.tracer(
        call ->
            new CallTrace() {
              @Override
              public void waited(Limit limit, WaitReason reason, long nanos) {
                told.add("waited " + limit.tag() + " " + reason + " " + nanos / 1_000_000);
              }

              @Override
              public void attempted(int attempts, int status) {
                told.add("attempt " + attempts + " got " + status);
              }

              @Override
              public void ended(Outcome outcome, int attempts) {
                told.add("ended " + outcome + " after " + attempts);
              }
            });
    CallExecution course = test.begin("{}");
    course.start();
    Step wait = course.answered(limited("5"), 0);
    test.time.pass(2 * SECOND);
    ((Step.Wait) wait).ticket().cancel();
    course.cancelled();
    course.cancelled();
    assertThat(told)
        .containsExactly(
            "attempt 1 got 429", "waited rpm RETRY_AFTER 2000", "ended CANCELLED after 1");
  }

  @Test
  void tenFaultsInAMinuteSwitchTheAgentOffOnceLoudly() {
    for (int i = 0; i < 12; i++) {
      test.calls.fault("jdk", new LinkageError("secret"));
    }
    assertThat(test.calls.recognise("api.openai.com", 443, "/v1/chat/completions")).isNull();
    assertThat(test.log).hasSize(2).allMatch(line -> !line.contains("secret"));
  }

  @Test
  void aTimerThatFailsHoldsNobody() {
    TestCalls broken = new TestCalls();
    broken.time.broken = true;
    CallExecution course = broken.begin("{}");
    course.start();
    Step step = course.answered(limited("2"), 0);
    assertThat(
            step instanceof Step.Deliver
                || ((Step.Wait) step).ticket().state() == Ticket.State.RELEASED)
        .isTrue();
    assertThat(broken.events).contains("fault timer");
  }

  @Test
  void aRetryThatTheAdapterCannotHoldIsGivenUp() {
    CallExecution course = test.begin("{}");
    course.start();
    Step.Wait wait = (Step.Wait) course.answered(limited("2"), 0);
    assertThat(course.refused(wait.ticket())).isInstanceOf(Step.Deliver.class);
    assertThat(wait.ticket().state()).isEqualTo(Ticket.State.CANCELLED);
    assertThat(test.events).contains("gave up QUEUE_FULL", "ended GAVE_UP");
  }

  @Test
  void aFirstAttemptThatTheAdapterCannotHoldIsSent() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    first.answered(limited("2"), 0);
    CallExecution second = test.begin("{\"n\":2}");
    assertThat(second.wouldWait()).isTrue();
    Step.Wait wait = (Step.Wait) second.start();
    assertThat(second.refused(wait.ticket())).isInstanceOf(Step.Send.class);
  }

  @Test
  void aCourseThatTakesAnothersPlaceEndsTheCallOnce() {
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    first.answered(limited("2"), 0);
    CallExecution parked = test.begin("{\"n\":2}");
    test.ride(parked, parked.start());
    CallExecution moved = test.begin("{\"n\":2}", Map.of(), RequestInfo.NO_DEADLINE, true, parked);
    test.events.clear();
    moved.start();
    moved.served(200, Headers.NONE, 0);
    parked.cancelled();
    assertThat(test.events).containsExactly("ended SUCCESS");
  }

  private static final String LIMIT_IN_200 =
      "{\"base_resp\":{\"status_code\":1002,\"status_msg\":\"rate limit exceeded(RPM)\"}}";

  @Test
  void anErrorInsideAShort200IsReadAndWaitedOut() {
    Headers headers =
        TestCalls.headers(
            Map.of("content-type", "application/json; charset=utf-8", "content-length", "74"));
    CallExecution course = test.beginAt("minimax", "api.minimax.io", Map.of());
    course.start();
    assertThat(course.wantsBody(200, headers)).isTrue();
    Step wait = course.answered(answer(200, Map.of(), LIMIT_IN_200), 0);
    assertThat(test.ride(course, wait)).isInstanceOf(Step.Send.class);
    assertThat(course.answered(answer(200, Map.of(), "{\"base_resp\":{\"status_code\":0}}"), 0))
        .isEqualTo(new Step.Deliver(false));
    assertThat(test.events).containsExactly("limited rpm", "retried 429", "ended SUCCESS");
  }

  @Test
  void noOther200IsHeldBack() {
    Map<String, String> json = Map.of("content-type", "application/json", "content-length", "74");
    CallExecution openAi = test.begin("{}");
    assertThat(openAi.wantsBody(200, TestCalls.headers(json))).isFalse();
    assertThat(openAi.wantsBody(429, TestCalls.headers(json))).isTrue();
    CallExecution miniMax = test.beginAt("minimax", "api.minimax.io", Map.of());
    for (String length : new String[] {"2049", "-1", "x", "", "99999999999999999999"}) {
      assertThat(
              miniMax.wantsBody(
                  200,
                  TestCalls.headers(
                      Map.of("content-type", "application/json", "content-length", length))))
          .as(length)
          .isFalse();
    }
    assertThat(
            miniMax.wantsBody(200, TestCalls.headers(Map.of("content-type", "application/json"))))
        .isFalse();
  }

  @Test
  void anErrorInAStreamIsCountedAndHoldsTheOthersAndIsNotRetried() {
    CallExecution course = test.begin("{\"n\":1}");
    course.start();
    course.served(200, Headers.NONE, 0);
    course.errorInStream(
        new Classification(
            Classification.Kind.LIMITED, Limit.TPM, true, 2_000, false, "limit hit: tpm"));
    assertThat(test.events).containsExactly("ended SUCCESS", "limited tpm");
    CallExecution other = test.begin("{\"n\":2}");
    Step wait = other.start();
    assertThat(test.ride(other, wait)).isInstanceOf(Step.Send.class);
    assertThat(test.time.nanos()).isGreaterThanOrEqualTo(2 * SECOND);
  }

  private static Map<String, String> signed(long secondsAgo) {
    String date =
        DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", java.util.Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(Instant.ofEpochMilli(1_800_000_000_000L - secondsAgo * 1_000));
    return Map.of(
        "Authorization", "AWS4-HMAC-SHA256 Credential=AKID/x, Signature=0", "X-Amz-Date", date);
  }

  @Test
  void aSignedRequestIsNotRepeatedAfterItsSignatureEnds() {
    CallExecution old = test.beginAt("bedrock", "bedrock-runtime.x.amazonaws.com", signed(280));
    old.start();
    assertThat(old.answered(limited("30"), 0)).isEqualTo(new Step.Deliver(false));
    assertThat(test.events).contains("gave up DEADLINE");
    test.time.pass(120 * SECOND);
    CallExecution fresh = test.beginAt("bedrock", "bedrock-runtime.y.amazonaws.com", signed(-120));
    fresh.start();
    assertThat(fresh.answered(limited("30"), 0)).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aRequestWhoseSignatureHasEndedIsSentAsWithoutTheAgent() {
    CallExecution first = test.beginAt("bedrock", "h", Map.of());
    first.start();
    first.answered(limited("30"), 0);
    assertThat(test.beginAt("bedrock", "h", signed(0)).start()).isInstanceOf(Step.Wait.class);
    assertThat(test.beginAt("bedrock", "h", signed(400)).start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void anAutoHostsDialectIsLearnedFromItsFirstAnswers() {
    Headers small =
        TestCalls.headers(Map.of("content-type", "application/json", "content-length", "74"));
    CallExecution first = test.beginAt("generic", "llm.corp", Map.of());
    first.start();
    assertThat(first.wantsBody(200, small)).as("not known yet").isFalse();
    first.served(200, TestCalls.headers(Map.of("x-generation-id", "gen-1")), 0);
    CallExecution second = test.beginAt("generic", "llm.corp", Map.of());
    assertThat(second.wantsBody(200, small)).as("it speaks OpenRouter's dialect").isTrue();
    CallExecution elsewhere = test.beginAt("generic", "other.corp", Map.of());
    assertThat(elsewhere.wantsBody(200, small)).isFalse();
  }

  @Test
  void figuresInTheMessageSetThePaceOfADayThatNoHeaderShows() {
    String message =
        "{\"error\":{\"message\":\"Rate limit reached for m on requests per day (RPD): Limit"
            + " 8640, Used 8640, Requested 1. Please try again in"
            + " 10s.\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}";
    CallExecution first = test.begin("{\"n\":1}");
    first.start();
    Step wait = first.answered(answer(429, Map.of(), message), 0);
    assertThat(test.ride(first, wait)).isInstanceOf(Step.Send.class);
    first.served(200, Headers.NONE, 0);
    long from = test.time.nanos();
    List<Step> steps = new ArrayList<>();
    List<CallExecution> courses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      courses.add(test.begin("{\"i\":" + i + "}"));
      steps.add(courses.get(i).start());
    }
    for (int i = 0; i < 4; i++) {
      if (steps.get(i) instanceof Step.Wait) {
        assertThat(test.ride(courses.get(i), steps.get(i))).isInstanceOf(Step.Send.class);
      }
      courses.get(i).served(200, Headers.NONE, 0);
    }
    assertThat(test.time.nanos() - from).as("one every ten seconds").isGreaterThan(29 * SECOND);
  }
}
