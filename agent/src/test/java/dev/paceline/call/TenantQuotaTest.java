package dev.paceline.call;

import static dev.paceline.call.TestCalls.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Bounds;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Sharing;
import dev.paceline.words.Headers;
import dev.paceline.words.Priority;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits of each tenant: who waits, who does not, and what is said. */
class TenantQuotaTest {
  private final TestCalls test = new TestCalls();
  private int number;

  private void limited(long maxWait, Bounds tenant) {
    test.policy =
        TestCalls.policy(maxWait, OnDeadline.AUTO, Bounds.NONE)
            .withSharing(
                new Sharing(Priority.NORMAL, 1, "", 0, Sharing.USUAL_FLOOR, tenant, "plan"));
  }

  private static Bounds bounds(long rpm, long tpm, long concurrency) {
    return new Bounds(rpm, tpm, 0, 0, 0, 0, concurrency, Bounds.AUTO, Bounds.AUTO);
  }

  private CallExecution begin(String tenant) {
    Map<String, String> headers = tenant.isEmpty() ? Map.of() : Map.of("x-paceline-tenant", tenant);
    return test.begin("{\"n\":" + number++ + "}", headers, RequestInfo.NO_DEADLINE, true, null);
  }

  /** Whether it leaves within slow start's two seconds. */
  private boolean leaves(Step step) {
    if (step instanceof Step.Wait wait) {
      test.time.pass(2 * SECOND);
      return wait.ticket().state() == Ticket.State.ADMITTED;
    }
    return step instanceof Step.Send;
  }

  @Test
  void beyondItsLimitATenantIsToldWhoseItIsAndOthersAreNotHeld() {
    limited(10 * SECOND, bounds(2, 0, 0));
    assertThat(leaves(begin("acme").start())).isTrue();
    assertThat(leaves(begin("acme").start())).isTrue();
    Step third = begin("acme").start();
    assertThat(third).isInstanceOf(Step.Replay.class);
    Headers headers = ((Step.Replay) third).answer().headers();
    assertThat(headers.first("x-paceline-setting")).isEqualTo("paceline.rule.plan.tenant.rpm");
    assertThat(headers.first("x-paceline-limit")).isEqualTo("rpm");
    assertThat(Integer.parseInt(String.valueOf(headers.first("retry-after")))).isBetween(50, 61);
    String body = new String(((Step.Replay) third).answer().body(), StandardCharsets.UTF_8);
    assertThat(body).contains("of tenant #").doesNotContain("acme");
    assertThat(leaves(begin("other").start())).isTrue();
    assertThat(leaves(begin("").start())).isTrue();
    assertThat(leaves(begin("").start())).isTrue();
    assertThat(leaves(begin("").start())).as("who has no tenant has no limit of one").isTrue();
  }

  @Test
  void aTenantThatWaitsForItsLimitHoldsNobodyElse() {
    limited(70 * SECOND, bounds(1, 0, 0));
    assertThat(leaves(begin("acme").start())).isTrue();
    CallExecution second = begin("acme");
    Step.Wait waiting = (Step.Wait) second.start();
    assertThat(leaves(begin("other").start())).isTrue();
    test.time.pass(20 * SECOND);
    assertThat(waiting.ticket().state()).isEqualTo(Ticket.State.WAITING);
    test.time.pass(45 * SECOND);
    assertThat(waiting.ticket().state()).isEqualTo(Ticket.State.ADMITTED);
  }

  @Test
  void requestsInFlightAreCountedForEachTenant() {
    limited(70 * SECOND, bounds(0, 0, 1));
    CallExecution first = begin("acme");
    assertThat(leaves(first.start())).isTrue();
    Step.Wait waiting = (Step.Wait) begin("acme").start();
    test.time.pass(3 * SECOND);
    assertThat(waiting.ticket().state()).isEqualTo(Ticket.State.WAITING);
    assertThat(leaves(begin("other").start())).isTrue();
    first.served(200, Headers.NONE, 0);
    test.time.pass(3 * SECOND);
    assertThat(waiting.ticket().state()).isEqualTo(Ticket.State.ADMITTED);
  }

  @Test
  void tokensOfATenantAreCounted() {
    limited(10 * SECOND, bounds(0, 1_000, 0));
    String prompt = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"";
    String large = prompt + "word ".repeat(800) + "\"}]}";
    Map<String, String> headers = Map.of("x-paceline-tenant", "acme");
    assertThat(leaves(test.begin(large, headers, RequestInfo.NO_DEADLINE, true, null).start()))
        .isTrue();
    Step second = test.begin(large + " ", headers, RequestInfo.NO_DEADLINE, true, null).start();
    assertThat(second).isInstanceOf(Step.Replay.class);
    assertThat(((Step.Replay) second).answer().headers().first("x-paceline-setting"))
        .isEqualTo("paceline.rule.plan.tenant.tpm");
  }
}
