package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules that tell calls by more than provider, model and host. */
class ClassRulesTest {
  private record Call(
      Map<String, String> headers,
      String thread,
      List<String> callers,
      Operation operation,
      boolean stream)
      implements CallFacts {
    @Override
    public @Nullable String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  private static final Call PLAIN =
      new Call(Map.of(), "main", List.of(), Operation.GENERATION, false);

  private static Call ofThread(String name) {
    return new Call(Map.of(), name, List.of("a.B", "com.example.Job"), Operation.GENERATION, true);
  }

  private static Policy policy(Settings settings, Call call) {
    return settings.policyFor("openai", "gpt-4o", "api.openai.com", call);
  }

  @Test
  void withoutSuchRulesNothingIsAskedOfACall() {
    Settings settings = Given.nothing().system("rule.a.model", "gpt-4o").read();
    assertThat(settings.asksMoreOfCalls()).isFalse();
    assertThat(settings.sharesByRules()).isFalse();
    assertThat(settings.looksAtThreads()).isFalse();
    assertThat(settings.looksAtCallers()).isFalse();
    assertThat(policy(settings, PLAIN).sharing()).isEqualTo(Sharing.NONE);
  }

  @Test
  void aRuleOfCallsIsLaidOverTheScopesRuleAndLeavesItsLimits() {
    Settings settings =
        Given.nothing()
            .system("rule.contract.model", "gpt-4o*")
            .system("rule.contract.rpm", "500")
            .system("rule.contract.max-wait", "20s")
            .system("rule.job.thread", "batch-*")
            .system("rule.job.priority", "background")
            .system("rule.job.max-wait", "5m")
            .read();
    assertThat(settings.problems().stream().filter(Problem::serious)).isEmpty();
    assertThat(settings.looksAtThreads()).isTrue();
    Policy job = policy(settings, ofThread("batch-7"));
    assertThat(job.sharing().priority()).isEqualTo(Priority.BACKGROUND);
    assertThat(job.bounds().rpm()).isEqualTo(500);
    assertThat(job.maxWaitNanos()).isEqualTo(300_000_000_000L);
    Policy web = policy(settings, PLAIN);
    assertThat(web.sharing().priority()).isEqualTo(Priority.NORMAL);
    assertThat(web.maxWaitNanos()).isEqualTo(20_000_000_000L);
    assertThat(settings.policyFor("openai", "gpt-4o", "h").bounds()).isEqualTo(job.bounds());
  }

  @Test
  void everySelectorGivenMustMatch() {
    Settings settings =
        Given.nothing()
            .system("rule.one.header.X-Job", "nightly*")
            .system("rule.one.operation", "chat")
            .system("rule.one.priority", "background")
            .system("rule.two.caller", "com.example.*")
            .system("rule.two.stream", "true")
            .system("rule.two.priority", "interactive")
            .read();
    Call nightly =
        new Call(Map.of("x-job", "nightly report"), "t", List.of(), Operation.GENERATION, false);
    Call embedding =
        new Call(Map.of("x-job", "nightly"), "t", List.of(), Operation.EMBEDDING, false);
    assertThat(policy(settings, nightly).sharing().priority()).isEqualTo(Priority.BACKGROUND);
    assertThat(policy(settings, embedding).sharing().priority()).isEqualTo(Priority.NORMAL);
    assertThat(policy(settings, ofThread("x")).sharing().priority())
        .isEqualTo(Priority.INTERACTIVE);
  }

  @Test
  void aLimitOfAScopeInARuleOfCallsIsLeftOutWithALine() {
    Settings settings =
        Given.nothing().system("rule.job.thread", "b*").system("rule.job.rpm", "5").read();
    assertThat(settings.problems()).singleElement().matches(Problem::serious);
    assertThat(settings.problems().get(0).line()).contains("paceline.rule.job.rpm", "left out");
    assertThat(policy(settings, ofThread("b1")).bounds().rpm()).isZero();
  }

  @Test
  void contradictionsAreNamed() {
    Settings settings =
        Given.nothing()
            .system("tenant", "header:X-Tenant-Id")
            .system("rule.a.provider", "openai")
            .system("rule.a.rpm", "60")
            .system("rule.a.tenant.rpm", "100")
            .system("rule.a.headroom", "20%")
            .system("priority.floor", "60%")
            .read();
    assertThat(settings.problems().stream().map(Problem::line).toList())
        .anyMatch(line -> line.contains("tenant.rpm=100") && line.contains("no effect"))
        .anyMatch(line -> line.contains("headroom=20%") && line.contains("no rule makes any"))
        .anyMatch(line -> line.contains("priority.floor") && line.contains("0 to 0.5"));
    assertThat(policy(settings, PLAIN).bounds().rpm()).isEqualTo(60);
    assertThat(policy(settings, PLAIN).sharing().tenant().rpm()).isEqualTo(100);
  }

  @Test
  void aFloorThatLeavesInteractiveCallsNothingIsNoted() {
    assertThat(Given.nothing().system("priority.floor", "49%").read().problems()).isEmpty();
    assertThat(Given.nothing().system("priority.floor", "50%").read().problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.line())
                    .contains("paceline.priority.floor=50%", "interactive calls nothing"));
  }

  @Test
  void tenantLimitsWithoutATenantAreNoted() {
    Settings settings =
        Given.nothing()
            .system("rule.a.provider", "openai")
            .system("rule.a.tenant.tpm", "1k")
            .read();
    assertThat(settings.problems()).singleElement().matches(problem -> !problem.serious());
  }

  @Test
  void environmentVariablesReachTheNewKeys() {
    Settings settings =
        Given.nothing()
            .environment("PACELINE_RULE_JOB_HEADER_X_JOB", "nightly")
            .environment("PACELINE_RULE_JOB_PRIORITY", "background")
            .environment("PACELINE_RULE_ALL_PROVIDER", "openai")
            .environment("PACELINE_RULE_ALL_TENANT_RPM", "7")
            .environment("PACELINE_TENANT", "header:X-Tenant-Id|body:user")
            .read();
    assertThat(settings.problems()).isEmpty();
    assertThat(settings.ruleIds()).containsExactlyInAnyOrder("job", "all");
    assertThat(settings.tenantSources()).hasSize(2);
    assertThat(policy(settings, PLAIN).sharing().tenant().rpm()).isEqualTo(7);
  }

  @Test
  void aWrongTenantSourceIsSaid() {
    Settings settings = Given.nothing().system("tenant", "header:X,cookie:sid,body:a..b").read();
    assertThat(settings.tenantSources()).hasSize(1);
    assertThat(settings.problems()).hasSize(2);
  }

  @Test
  void everyRecipeOfTheDocumentationIsGood() throws IOException {
    String doc = Files.readString(Path.of("..", "docs", "classes.md"));
    String[] blocks = doc.split("```properties\n");
    assertThat(blocks).hasSize(4);
    for (int i = 1; i < blocks.length; i++) {
      Settings settings =
          Given.nothing().file(blocks[i].substring(0, blocks[i].indexOf("```"))).read();
      assertThat(settings.problems()).as(blocks[i]).isEmpty();
      assertThat(settings.sharesByRules()).isTrue();
    }
  }
}
