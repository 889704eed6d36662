package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.export.Condition.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertsTest {
  private static final Condition TPM = condition(Kind.SATURATED, "gpt-4o");
  private static final Condition QUOTA = condition(Kind.QUOTA, "gpt-4o");

  private final Alerts alerts = new Alerts();
  private final List<String> lines = new ArrayList<>();
  private final AlertLog log = new AlertLog(lines::add);

  @Test
  void aConditionIsToldOnceWhenItBegins() {
    assertThat(alerts.look(0, List.of(TPM))).containsExactly(new Notice(TPM, false));
    assertThat(alerts.look(1_000, List.of(TPM))).isEmpty();
  }

  @Test
  void itsEndIsToldAfterAMinuteWithoutIt() {
    alerts.look(0, List.of(TPM));

    assertThat(alerts.look(59_999, List.of())).isEmpty();
    assertThat(alerts.look(60_000, List.of())).containsExactly(new Notice(TPM, true));
    assertThat(alerts.look(61_000, List.of())).isEmpty();
  }

  @Test
  void oneOnTheEdgeIsToldOnce() {
    List<Notice> told = new ArrayList<>();
    for (int second = 0; second < 600; second++) {
      told.addAll(alerts.look(second * 1_000L, second % 50 < 25 ? List.of(TPM) : List.of()));
    }
    assertThat(told).hasSize(1);
  }

  @Test
  void kindsAndModelsAreToldApart() {
    Condition other = condition(Kind.SATURATED, "o3");

    assertThat(alerts.look(0, List.of(TPM, QUOTA, other))).hasSize(3);
  }

  @Test
  void theLogHasAtMostOneLineAMinuteForAScope() {
    log.tell(0, List.of(new Notice(TPM, false), new Notice(QUOTA, false)));
    assertThat(lines).hasSize(1);
    log.tell(59_000, List.of());
    assertThat(lines).hasSize(1);
    log.tell(60_000, List.of());
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .isEqualTo(
            "paceline: event=saturated provider=openai model=gpt-4o owner=org-1 limit=tpm"
                + " message=\"TPM is used up\"");
    assertThat(lines.get(1)).startsWith("paceline: event=quota provider=openai");
  }

  @Test
  void whatIsOverBeforeItCouldBeToldIsNotTold() {
    Condition other = condition(Kind.QUOTA, "gpt-4o");
    log.tell(0, List.of(new Notice(TPM, false)));
    log.tell(1_000, List.of(new Notice(other, false)));
    log.tell(30_000, List.of(new Notice(other, true)));
    log.tell(120_000, List.of());

    assertThat(lines).hasSize(1);
  }

  @Test
  void theEndIsToldWithoutTheFiguresOfTheBeginning() {
    log.tell(0, List.of(new Notice(TPM, false)));
    log.tell(120_000, List.of(new Notice(TPM, true)));

    assertThat(lines.get(1))
        .isEqualTo(
            "paceline: event=recovered from=saturated provider=openai model=gpt-4o owner=org-1"
                + " limit=tpm");
  }

  static Condition condition(Kind kind, String model) {
    return new Condition(kind, "openai", "org-1", model, "tpm", "TPM is used up");
  }
}
