package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static dev.paceline.call.TestCalls.answer;
import static dev.paceline.call.TestCalls.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.OnDeadline;
import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered of calls that were given up, for whom, how much and how long. */
class GiveUpsTest {
  private static final String SPENT =
      "{\"error\":{\"code\":\"insufficient_quota\",\"type\":\"insufficient_quota\"}}";

  private final TestCalls test = new TestCalls();

  private Step spend(String key, String body, ProviderResponse answer) {
    CallExecution course = test.beginWith(key, body);
    Step step = course.start();
    return step instanceof Step.Send ? course.answered(answer, 0) : step;
  }

  private static ProviderResponse spent(Map<String, String> headers) {
    return answer(429, headers, SPENT);
  }

  @Test
  void aLoopThatAsksAgainForWhatIsUsedUpIsAnsweredFromMemoryForTenSeconds() {
    assertThat(spend("k", "{\"a\":1}", spent(Map.of()))).isInstanceOf(Step.Deliver.class);
    for (int i = 0; i < 3; i++) {
      test.time.pass(3 * SECOND);
      Step again = spend("k", "{\"a\":1}", spent(Map.of()));
      assertThat(((Step.Replay) again).answer().status()).isEqualTo(429);
      assertThat(((Step.Replay) again).answer().body()).asString().isEqualTo(SPENT);
    }
    test.time.pass(2 * SECOND);
    assertThat(test.beginWith("k", "{\"a\":1}").start())
        .as("after ten seconds it may have been topped up")
        .isInstanceOf(Step.Send.class);
  }

  @Test
  void aRecordedAnswerAsksForWhatIsLeftOfItsWait() {
    Map<String, String> headers = Map.of("Retry-After", "3600", "retry-after-ms", "3600000");
    spend("k", "{\"a\":1}", spent(headers));
    test.time.pass(4 * SECOND);
    Headers again = ((Step.Replay) spend("k", "{\"a\":1}", spent(headers))).answer().headers();
    assertThat(again.first("retry-after")).isEqualTo("3596");
    assertThat(again.first("Retry-After-Ms")).isEqualTo("3596000");
  }

  @Test
  void aDateAsksForTheSameInstantLater() {
    Map<String, String> headers = Map.of("retry-after", "Mon, 30 Nov 2099 10:00:00 GMT");
    spend("k", "{\"a\":1}", spent(headers));
    test.time.pass(4 * SECOND);
    Headers again = ((Step.Replay) spend("k", "{\"a\":1}", spent(headers))).answer().headers();
    assertThat(again.first("retry-after")).isEqualTo("Mon, 30 Nov 2099 10:00:00 GMT");
  }

  @Test
  void anotherRequestOfTheSameKeyIsSent() {
    spend("k", "{\"a\":1}", spent(Map.of()));
    assertThat(test.beginWith("k", "{\"a\":2}").start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void aQuotaThatComesBackSoonIsNotHeldAgainstTheNextRequest() {
    spend("k", "{\"a\":1}", spent(Map.of("retry-after", "2")));
    test.time.pass(3 * SECOND);
    assertThat(test.beginWith("k", "{\"a\":1}").start()).isInstanceOf(Step.Send.class);
  }

  @Test
  void aRequestLargerThanItsLimitIsAnsweredFromMemoryToo() {
    String large =
        "{\"error\":{\"message\":\"Request too large for model on tokens per min (TPM): Limit"
            + " 6000, Requested 9000\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}";
    assertThat(spend("k", "{\"a\":1}", answer(413, Map.of(), large)))
        .isInstanceOf(Step.Deliver.class);
    assertThat(spend("k", "{\"a\":1}", answer(413, Map.of(), large)))
        .isInstanceOf(Step.Replay.class);
  }

  @Test
  void aRecordedAnswerSaysThatItIsLocalAndTellsNothingOfWhoAsked() {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Retry-After", "3600");
    headers.put("x-ratelimit-limit-requests", "10");
    headers.put("Set-Cookie", "session=fake");
    headers.put("x-request-id", "req-1");
    headers.put("request-id", "req-2");
    headers.put("cf-ray", "r");
    headers.put("openai-organization", "org-fake");
    headers.put("anthropic-organization-id", "org-fake");
    headers.put("Date", "Mon, 30 Nov 2026 10:00:00 GMT");
    spend("k", "{\"a\":1}", spent(headers));
    Step.Replay again = (Step.Replay) spend("k", "{\"a\":1}", spent(headers));
    assertThat(again.answer().headers().all())
        .containsOnlyKeys(
            "content-type", "retry-after", "x-ratelimit-limit-requests", "x-paceline-answered");
    assertThat(again.answer().headers().first("X-Paceline-Answered")).isEqualTo("local");
  }

  @Test
  void nobodyGetsTheAnswerOfAnotherTenantBehindTheSameGateway() {
    String[][] tenants = {
      {"eyJhbGciOiJub25lIn0.YWxpY2U.fake", "eyJhbGciOiJub25lIn0.Ym9i.fake"},
      {"ya29.fake-alice", "ya29.fake-bob"},
      {"sk-ant-oat-fake-alice", "sk-ant-oat-fake-bob"}
    };
    for (String[] pair : tenants) {
      spend(pair[0], "{\"same\":1}", spent(Map.of()));
      assertThat(test.beginWith(pair[1], "{\"same\":1}").start()).isInstanceOf(Step.Send.class);
      assertThat(test.beginWith(pair[0], "{\"same\":1}").start()).isInstanceOf(Step.Replay.class);
    }
  }

  @Test
  void aSignedRequestIsKnownByItsKeyAndNotByItsSignature() {
    for (int i = 0; i < 2; i++) {
      String signed =
          "AWS4-HMAC-SHA256 Credential=AKIAFAKE/2026113"
              + i
              + "/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=fake"
              + i;
      CallExecution course =
          test.begin(
              "{\"a\":1}", Map.of("Authorization", signed), RequestInfo.NO_DEADLINE, true, null);
      Step step = course.start();
      assertThat(step).isInstanceOf(i == 0 ? Step.Send.class : Step.Replay.class);
      if (i == 0) {
        course.answered(spent(Map.of()), 0);
      }
    }
  }

  @Test
  void everyByteIsCountedAndTheWholeIsBounded() {
    String name = "x-ratelimit-filler-";
    for (int i = 0; i < 400; i++) {
      Map<String, String> headers = new HashMap<>();
      for (int h = 0; h < 30; h++) {
        headers.put(name + h, "v".repeat(10_000));
      }
      spend("tenant-" + i % 50, "{\"n\":" + i + "}", spent(headers));
    }
    assertThat(test.calls.snapshot().keptBytes()).isBetween(250_000L, 4L << 20);
  }

  @Test
  void whatIsTooOldGoesThoughNobodyAsks() {
    for (int i = 0; i < 300; i++) {
      spend("k", "{\"n\":" + i + "}", spent(Map.of()));
      test.time.pass(SECOND / 10);
    }
    assertThat(test.calls.snapshot().keptBytes()).isPositive();
    test.time.pass(61 * SECOND);
    assertThat(test.calls.snapshot().keptBytes()).isZero();
    assertThat(test.time.alarms()).isZero();
  }

  @Test
  void nothingOfTheApplicationsIsKept() {
    ProviderResponse theirs = spent(Map.of("retry-after", "3600"));
    spend("k", "{\"a\":1}", theirs);
    Step.Replay again = (Step.Replay) spend("k", "{\"a\":1}", theirs);
    assertThat(again.answer().headers()).isNotSameAs(theirs.headers());
    assertThat(again.answer().headers().getClass().getName()).startsWith("dev.paceline.");
  }

  @Test
  void aKeyInTheQueryIsNotSeenSoNothingIsRemembered() {
    CallExecution course = test.beginAt("gemini", "generativelanguage.googleapis.com", Map.of());
    course.start();
    course.answered(spent(Map.of()), 0);
    assertThat(test.calls.snapshot().keptBytes()).isZero();
  }

  @Test
  void theAnswersOfCallsThatWaitAreBoundedWithTheirBodies() {
    test.queueBytes = 100_000;
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      CallExecution course = test.beginWith("k" + i, "{\"n\":" + i + "}");
      course.start();
      Map<String, String> headers = Map.of("Retry-After", "20", "x-filler", "v".repeat(20_000));
      steps.add(
          course.answered(
              answer(429, headers, "{\"error\":{\"code\":\"rate_limit_exceeded\"}}"), 0));
    }
    assertThat(steps.stream().filter(step -> step instanceof Step.Wait)).hasSize(4);
    assertThat(steps.stream().filter(step -> step instanceof Step.Deliver)).hasSize(16);
    assertThat(test.calls.snapshot().waitingBytes()).isBetween(80_000L, 100_000L);
  }

  private CallExecution stainless(int retry) {
    return test.begin(
        "{\"same\":1}",
        Map.of("Authorization", "Bearer k", "X-Stainless-Retry-Count", "" + retry),
        RequestInfo.NO_DEADLINE,
        true,
        null);
  }

  /** As an SDK with this many retries does; what it ends with. */
  private int sdk(int retries, List<ProviderResponse> provider) {
    List<ProviderResponse> script = new ArrayList<>(provider);
    for (int retry = 0; retry <= retries; retry++) {
      CallExecution course = stainless(retry);
      Step step = course.start();
      ProviderResponse answer = null;
      while (!(step instanceof Step.Deliver) && !(step instanceof Step.Replay)) {
        if (step instanceof Step.Wait) {
          step = test.ride(course, step);
        } else if (script.isEmpty()) {
          course.served(200, Headers.NONE, 0);
          return 200;
        } else {
          answer = script.remove(0);
          step = course.answered(answer, 0);
        }
      }
      boolean stop =
          step instanceof Step.Deliver deliver ? deliver.stopSdk() : ((Step.Replay) step).stopSdk();
      if (stop) {
        return answer == null ? -1 : answer.status();
      }
      test.time.pass(SECOND / 2 << Math.min(retry, 4));
    }
    return -2;
  }

  @Test
  void anSdkAboveGoesOnAfterFailuresThatWereOnlyPerhapsProcessed() {
    for (int status : new int[] {500, 502, 503, 504}) {
      ProviderResponse failed = answer(status, Map.of(), "{\"error\":{\"message\":\"oops\"}}");
      assertThat(sdk(5, List.of(failed, failed, failed))).as("%s", status).isEqualTo(200);
      assertThat(sdk(5, List.of(failed, failed, failed, failed, failed))).isEqualTo(200);
    }
  }

  @Test
  void anSdkAboveStopsWhereNoRepeatHelps() {
    assertThat(sdk(5, List.of(spent(Map.of()), spent(Map.of())))).isEqualTo(429);
    test.time.pass(100 * SECOND);
    assertThat(sdk(5, List.of(limited("3600"), limited("3600")))).isEqualTo(429);
  }

  @Test
  void anSdkAboveRepeatsWhatOnlyThisCallCouldNotWaitFor() {
    test.policy = TestCalls.policy(60 * SECOND, OnDeadline.AUTO, Bounds.NONE);
    CallExecution oneShot =
        test.begin(
            "{\"same\":1}",
            Map.of("Authorization", "Bearer k", "X-Stainless-Retry-Count", "0"),
            RequestInfo.NO_DEADLINE,
            false,
            null);
    oneShot.start();
    assertThat(oneShot.answered(limited("2"), 0)).isEqualTo(new Step.Deliver(false));
    CallExecution first = stainless(0);
    Step step = first.start();
    step = step instanceof Step.Wait ? test.ride(first, step) : step;
    Step.Wait wait = (Step.Wait) first.answered(limited("2"), 0);
    assertThat(first.refused(wait.ticket())).isEqualTo(new Step.Deliver(false));
  }

  @Test
  void anSdkAboveMayGoOnWhenTheConnectionBreaksAfterALimitAnswer() {
    CallExecution course = stainless(0);
    course.start();
    test.ride(course, course.answered(limited("1"), 0));
    Step.Replay kept = (Step.Replay) course.failed(false);
    assertThat(kept.stopSdk()).isFalse();
  }
}
