package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  private static final long SECOND = 1_000_000_000L;

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, mini-exact-not",
    "gpt-4o-mini, exact",
    "gpt-4o-2024-11-20, longer",
    "gpt-4-turbo, shorter",
    "GPT-4O-MINI, exact",
    "claude-sonnet-4, by-host",
    "o3, by-host"
  })
  void theMostSpecificRuleHolds(String model, String rule) {
    Settings settings =
        Given.nothing()
            .system("rule.shorter.model", "gpt-4*")
            .system("rule.longer.model", "gpt-4o-*")
            .system("rule.exact.model", "gpt-4o-mini")
            .system("rule.mini-exact-not.model", "gpt-4o*")
            .system("rule.by-host.host", "api.openai.com")
            .system("rule.by-provider.provider", "openai")
            .read();

    assertThat(settings.policyFor("openai", model, "api.openai.com").ruleId()).isEqualTo(rule);
  }

  @Test
  void everySelectorOfARuleMustMatch() {
    Settings settings =
        Given.nothing()
            .system("rule.eu.model", "gpt-4o*")
            .system("rule.eu.provider", "azure-openai")
            .system("rule.eu.host", "*.eu.corp")
            .read();

    assertThat(settings.policyFor("azure-openai", "gpt-4o", "x.eu.corp").ruleId()).isEqualTo("eu");
    assertThat(settings.policyFor("azure-openai", "gpt-4o", "x.eu.corp:8443").ruleId())
        .isEqualTo("eu");
    assertThat(settings.policyFor("openai", "gpt-4o", "x.eu.corp").ruleId()).isEmpty();
    assertThat(settings.policyFor("azure-openai", "o3", "x.eu.corp").ruleId()).isEmpty();
    assertThat(settings.policyFor("azure-openai", "gpt-4o", "x.us.corp").ruleId()).isEmpty();
  }

  @Test
  void aPortInARuleMustMatch() {
    Settings settings = Given.nothing().system("rule.local.host", "127.0.0.1:8080").read();

    assertThat(settings.policyFor("openai", "m", "127.0.0.1:8080").ruleId()).isEqualTo("local");
    assertThat(settings.policyFor("openai", "m", "127.0.0.1:8081").ruleId()).isEmpty();
    assertThat(settings.policyFor("openai", "m", "127.0.0.1").ruleId()).isEmpty();
  }

  @Test
  void provisionedDeploymentsAreWaitedForOnlyWhereARuleSaysSo() {
    Settings settings =
        Given.nothing()
            .system("retry.first-event", "true")
            .system("rule.ptu.host", "own.openai.azure.com")
            .system("rule.ptu.retry-provisioned", "true")
            .system("rule.other.host", "other.openai.azure.com")
            .system("rule.other.max-wait", "1s")
            .read();

    Policy ptu = settings.policyFor("azure-openai", "m", "own.openai.azure.com");
    assertThat(ptu.retryProvisioned()).isTrue();
    assertThat(ptu.retryFirstEvent()).isTrue();
    assertThat(settings.policyFor("azure-openai", "m", "other.openai.azure.com").retryProvisioned())
        .isFalse();
    assertThat(settings.policyForAll().retryProvisioned()).isFalse();
    assertThat(Settings.defaults().policyForAll().retryFirstEvent()).isFalse();
  }

  @Test
  void aRuleChangesOnlyWhatItSays() {
    Settings settings =
        Given.nothing()
            .system("mode", "observe")
            .system("max-attempts", "4")
            .system("rule.one.model", "gpt*")
            .system("rule.one.mode", "enforce")
            .system("rule.one.max-wait", "0")
            .read();
    Policy policy = settings.policyFor("openai", "gpt-4o", "h");
    Policy other = settings.policyFor("openai", "o3", "h");

    assertThat(policy.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(policy.maxWaitNanos()).isZero();
    assertThat(policy.maxWaitTyped()).isTrue();
    assertThat(policy.maxAttempts()).isEqualTo(4);
    assertThat(policy.maxCallWaitNanos()).isEqualTo(150 * SECOND);
    assertThat(other).isEqualTo(settings.policyForAll());
    assertThat(other.mode()).isEqualTo(Mode.OBSERVE);
    assertThat(other.maxWaitTyped()).isFalse();
  }

  @Test
  void aRuleBringsTypedLimits() {
    Settings settings =
        Given.nothing()
            .system("reserve", "10%")
            .system("rule.one.model", "gpt-4o*")
            .system("rule.one.rpm", "500")
            .system("rule.one.tpm", "30k")
            .system("rule.one.itpm", "20000")
            .system("rule.one.otpm", "10000")
            .system("rule.one.rpd", "10k")
            .system("rule.one.tpd", "2M")
            .system("rule.one.concurrency", "8")
            .read();

    assertThat(settings.policyFor("openai", "gpt-4o-mini", "h").bounds())
        .isEqualTo(new Bounds(500, 30_000, 20_000, 10_000, 10_000, 2_000_000, 8, 0.1, Bounds.AUTO));
    assertThat(settings.policyFor("openai", "o3", "h").bounds())
        .isEqualTo(new Bounds(0, 0, 0, 0, 0, 0, 0, 0.1, Bounds.AUTO));
  }

  @Test
  void aTypedLimitOfNothingIsNotUnderstood() {
    Settings settings =
        Given.nothing().system("rule.one.model", "m").system("rule.one.rpm", "0").read();

    assertThat(settings.policyFor("openai", "m", "h").bounds()).isEqualTo(Bounds.NONE);
    assertThat(settings.problems()).hasSize(1);
  }

  @Test
  void aRuleSwitchesOffItsOwnCallsButNothingOnThatTheKillSwitchSwitchedOff() {
    Given rules =
        Given.nothing()
            .system("rule.a.model", "a")
            .system("rule.a.enabled", "false")
            .system("rule.b.model", "b")
            .system("rule.b.enabled", "true");

    assertThat(rules.read().policyFor("p", "a", "h").enabled()).isFalse();
    assertThat(rules.read().policyFor("p", "b", "h").enabled()).isTrue();
    assertThat(rules.system("enabled", "false").read().policyFor("p", "b", "h").enabled())
        .isFalse();
  }

  @Test
  void oneRuleMayComeFromSeveralSources() {
    Settings settings =
        Given.nothing()
            .file("paceline.rule.gpt.model=gpt*\npaceline.rule.gpt.max-attempts=2\n")
            .environment("PACELINE_RULE_GPT_MAX_ATTEMPTS", "3")
            .read();

    assertThat(settings.policyFor("openai", "gpt-4o", "h").maxAttempts()).isEqualTo(3);
    assertThat(settings.ruleIds()).containsExactly("gpt");
    assertThat(settings.all()).filteredOn(setting -> setting.name().startsWith("rule.")).hasSize(2);
  }

  @Test
  void aRuleWithoutSelectorsIsLeftOutBecauseItWouldMatchEverything() {
    Settings settings = Given.nothing().system("rule.x.enabled", "false").read();

    assertThat(settings.policyFor("openai", "gpt", "h").enabled()).isTrue();
    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::line)
        .asString()
        .contains("rule x is left out");
  }

  @Test
  void aRuleWhoseSelectorIsNotUnderstoodIsLeftOut() {
    Settings settings =
        Given.nothing()
            .system("rule.x.enabled", "false")
            .system("rule.x.model", "a b")
            .system("rule.x.provider", "openai")
            .read();

    assertThat(settings.policyFor("openai", "gpt", "h").enabled()).isTrue();
    assertThat(settings.problems())
        .extracting(Problem::kind)
        .containsExactly(Problem.Kind.BAD_VALUE, Problem.Kind.BAD_RULE);
  }

  @Test
  void askingAgainGivesTheSameObjectAndManyNamesDoNotFillTheHeap() {
    Settings settings = Given.nothing().system("rule.gpt.model", "gpt*").read();
    Policy first = settings.policyFor("openai", "gpt-4o", "h");

    assertThat(settings.policyFor("openai", "gpt-4o", "h")).isSameAs(first);
    for (int i = 0; i < 5000; i++) {
      assertThat(settings.policyFor("openai", "gpt-" + i, "h").ruleId()).isEqualTo("gpt");
    }
    assertThat(settings.cachedPolicies()).isLessThanOrEqualTo(1024);
    int before = settings.cachedPolicies();
    settings.policyFor("openai", "gpt" + "x".repeat(10_000), "h");
    assertThat(settings.cachedPolicies()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o,gpt-4o,true",
    "gpt-4o,gpt-4o-mini,false",
    "gpt-4o*,gpt-4o,true",
    "*,'',true",
    "*mini,gpt-4o-mini,true",
    "gpt*mini,gpt-mini-x,false",
    "a*b*c,aXbYbZc,true",
    "a*b*c,aXbYbZ,false",
    "ft:gpt-4o:*,ft:gpt-4o:org::x,true",
    "**,x,true"
  })
  void aStarStandsForAnyCharacters(String pattern, String text, boolean matches) {
    assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
  }

  @Property
  void globsAgreeWithTheEquivalentRegularExpression(
      @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 6) String pattern,
      @ForAll @Chars({'a', 'b'}) @StringLength(max = 8) String text) {
    assertThat(new Glob(pattern).matches(text))
        .isEqualTo(text.matches(pattern.replaceAll("\\*+", ".*")));
  }
}
