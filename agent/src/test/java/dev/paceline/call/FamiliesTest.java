package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.FamilyMode;
import dev.paceline.config.OnDeadline;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Models of one owner whose headers prove that they draw on one limit. */
class FamiliesTest {
  private final TestCalls test = new TestCalls();
  private final Map<String, Integer> used = new HashMap<>();
  private final long began = test.time.nanos();
  private int calls;

  private void mode(FamilyMode mode) {
    test.families = mode;
    test.calls.settingsChanged();
  }

  private void call(String model, String bucket) {
    call(model, bucket, "org-1");
  }

  /** A call of a model whose bucket holds 1,000 an hour, in windows. */
  private void call(String model, String bucket, String organisation) {
    test.time.pass(SECOND);
    Course course =
        test.begin(
            "{\"model\":\"" + model + "\",\"n\":" + calls++ + "}",
            Map.of("Authorization", "Bearer sk-fake"),
            Outgoing.NO_DEADLINE,
            true,
            null);
    Step step = course.start();
    if (step instanceof Step.Wait) {
      test.ride(course, step);
    }
    long sent = test.time.nanos() - began;
    int left = 1_000 - used.merge(bucket, 1, Integer::sum);
    test.time.pass(SECOND / 10);
    Map<String, String> headers = new HashMap<>();
    headers.put("openai-organization", organisation);
    headers.put("x-ratelimit-limit-requests", "1000");
    headers.put("x-ratelimit-remaining-requests", "" + left);
    headers.put("x-ratelimit-reset-requests", (3_600 * SECOND - sent) / 1_000_000 + "ms");
    course.served(200, TestCalls.headers(headers), 0);
  }

  private void prove() {
    for (int i = 0; i < 40; i++) {
      call("a", "one");
      call("b", "one");
    }
  }

  private int lanes() {
    return test.calls.view().size();
  }

  @Test
  void offNobodyLooks() {
    prove();
    assertThat(lanes()).isEqualTo(2);
    assertThat(test.log).isEmpty();
  }

  @Test
  void whatIsProvedIsJoinedAndSaidOnce() {
    mode(FamilyMode.AUTO);
    prove();
    assertThat(lanes()).isEqualTo(1);
    assertThat(test.log).singleElement().asString().contains("the models a and b of openai");
  }

  @Test
  void observedItIsOnlySaid() {
    mode(FamilyMode.OBSERVE);
    prove();
    assertThat(lanes()).isEqualTo(2);
    assertThat(test.log).singleElement().asString().contains("paceline.families=auto");
  }

  @Test
  void aThirdOneJoinsTheFamily() {
    mode(FamilyMode.AUTO);
    prove();
    call("stranger", "other");
    for (int i = 0; i < 40; i++) {
      call("a", "one");
      call("c", "one");
    }
    assertThat(lanes()).isEqualTo(2);
  }

  @Test
  void whoHasALimitOfItsOwnAfterAllParts() {
    mode(FamilyMode.AUTO);
    prove();
    for (int i = 0; i < 10; i++) {
      call("a", "one");
      call("b", "another");
    }
    assertThat(lanes()).isEqualTo(2);
    assertThat(test.log).hasSize(2).last().asString().contains("paced apart");
    prove();
    assertThat(lanes()).as("not tried again so soon").isEqualTo(2);
  }

  @Test
  void switchedOffTheyPart() {
    mode(FamilyMode.AUTO);
    prove();
    mode(FamilyMode.OFF);
    assertThat(lanes()).isEqualTo(2);
    mode(FamilyMode.AUTO);
    call("a", "one");
    assertThat(lanes()).as("what was known is forgotten").isEqualTo(2);
  }

  @Test
  void otherSettingsPartThemUntilTheNextHeaderThatSpeaksForIt() {
    mode(FamilyMode.AUTO);
    prove();
    test.calls.settingsChanged();
    assertThat(lanes()).isEqualTo(2);
    for (int i = 0; i < 3; i++) {
      call("a", "one");
      call("b", "one");
    }
    assertThat(lanes()).isEqualTo(1);
  }

  @Test
  void modelsWithDifferentTypedLimitsStayApart() {
    mode(FamilyMode.AUTO);
    Bounds typed = new Bounds(500, 0, 0, 0, 0, 0, 0, Bounds.AUTO, Bounds.AUTO);
    for (int i = 0; i < 40; i++) {
      test.policy = TestCalls.policy(60 * SECOND, OnDeadline.AUTO, typed);
      call("a", "one");
      test.policy = TestCalls.policy(60 * SECOND, OnDeadline.AUTO, Bounds.NONE);
      call("b", "one");
    }
    assertThat(lanes()).isEqualTo(2);
    assertThat(test.log).isEmpty();
  }

  @Test
  void whoNamesTwoOrganisationsHasNoFamilyEither() {
    mode(FamilyMode.AUTO);
    prove();
    call("a", "one", "org-2");
    assertThat(lanes()).isEqualTo(2);
    assertThat(test.events).noneMatch(event -> event.startsWith("fault"));
  }

  @Test
  void aNameWithALineBreakIsNotWrittenAsOne() {
    mode(FamilyMode.OBSERVE);
    for (int i = 0; i < 40; i++) {
      call("a\\nb", "one");
      call("b", "one");
    }
    assertThat(test.log).singleElement().asString().doesNotContain("\n");
  }
}
