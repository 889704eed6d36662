package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.diagnosis.Counts;
import dev.paceline.diagnosis.ScopeStats;
import dev.paceline.export.Condition.Kind;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.ScopeView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  @Test
  void moreThanOneAttemptInAHundredRefusedIsACondition() {
    assertThat(Conditions.of(List.of(five(500, Map.of(Limit.TPM, 6L), 0, "org-1"))))
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.kind()).isEqualTo(Kind.REFUSED);
              assertThat(told.limit()).isEqualTo("tpm");
              assertThat(told.text())
                  .isEqualTo(
                      "6 of 500 attempts at gpt-4o were refused in the last 5 min, most by tpm");
            });
    assertThat(Conditions.of(List.of(five(600, Map.of(Limit.TPM, 6L), 0, "org-1")))).isEmpty();
    assertThat(Conditions.of(List.of(five(2, Map.of(Limit.TPM, 2L), 0, "org-1")))).isEmpty();
  }

  @Test
  void twoOwnersOfOneModelShareOne() {
    ScopeStats first = five(100, Map.of(Limit.TPM, 50L), 0, "org-1");
    ScopeStats second = five(100, Map.of(Limit.TPM, 50L), 0, "org-2");

    assertThat(Conditions.of(List.of(first, second)))
        .filteredOn(told -> told.kind() == Kind.REFUSED)
        .hasSize(1);
  }

  @Test
  void aPlanThatIsUsedUpIsACondition() {
    assertThat(Conditions.of(List.of(five(10, Map.of(Limit.QUOTA, 1L), 0, "org-1"))))
        .singleElement()
        .satisfies(told -> assertThat(told.kind()).isEqualTo(Kind.QUOTA));
  }

  @Test
  void callsThatWaitForARefusingLimitSaturateIt() {
    assertThat(Conditions.of(List.of(five(600, Map.of(Limit.TPM, 3L), 4, "org-1"))))
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.kind()).isEqualTo(Kind.SATURATED);
              assertThat(told.owner()).isEqualTo("org-1");
              assertThat(told.text()).contains("4 calls wait");
            });
  }

  @Test
  void manyFailingCallsAreAConditionAndAFewAreNot() {
    assertThat(Conditions.of(List.of(failing(94))))
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.kind()).isEqualTo(Kind.FAILING);
              assertThat(told.text())
                  .startsWith("94 % of the calls to gpt-4o failed in the last 5 min: 94 of 100;");
            });
    assertThat(Conditions.of(List.of(failing(4)))).isEmpty();
  }

  private static ScopeStats failing(long failed) {
    return scope(
        new Counts(100, 6, Map.of(), 0, 0, 0, 0, Map.of(Failure.WAIT_TOO_LONG, failed)),
        0,
        "org-1");
  }

  private static ScopeStats five(
      long attempts, Map<Limit, Long> limited, int waiting, String owner) {
    return scope(new Counts(attempts, attempts, limited, 0, 0, 0, 0), waiting, owner);
  }

  private static ScopeStats scope(Counts counts, int waiting, String owner) {
    return new ScopeStats(
        new ScopeView(
            "openai", owner, "gpt-4o", 0, waiting, 1_000, Limit.TPM, 0, 10, 100, List.of()),
        List.of(),
        counts,
        counts,
        60_000,
        10,
        100);
  }
}
