package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyNamesTest {
  @ParameterizedTest
  @CsvSource({
    "max-wiat,max-wait",
    "maxwait,max-wait",
    "maxWait,max-wait",
    "max_wait,max-wait",
    "max.wait,max-wait",
    "wait.max,max-wait",
    "Max-Wait,max-wait",
    "port.console,console.port",
    "host,hosts",
    "moed,mode",
    "retry-max-attempts,",
    "foo,",
    "rule.gpt.maxwait,rule.gpt.max-wait",
    "rules.gpt.model,rule.gpt.model",
    "rule.gpt.attempts.max,",
    "rule.gpt.wait-max,rule.gpt.max-wait",
    "rule.a.rmp,rule.a.rpm",
    "rule.a.budget,"
  })
  void theKeyThatWasProbablyMeantIsFound(String typed, String meant) {
    if (meant == null) {
      assertThat(KeyNames.nearest(typed)).isEmpty();
    } else {
      assertThat(KeyNames.nearest(typed)).contains(meant);
    }
  }

  @ParameterizedTest
  @CsvSource({"a,b,1", "ab,ba,1", "kitten,sitting,3", "ca,abc,3", "'',abc,3", "same,same,0"})
  void distanceCountsSwapsOfNeighboursAsOne(String a, String b, int distance) {
    assertThat(KeyNames.distance(a, b)).isEqualTo(distance);
    assertThat(KeyNames.distance(b, a)).isEqualTo(distance);
  }

  @Test
  void everyKeyCanBeAnEnvironmentVariable() {
    for (Key<?> key : Keys.all()) {
      assertThat(KeyNames.ofVariable(key.environmentVariable())).contains(key.name());
    }
    assertThat(Keys.all()).extracting(Key::environmentVariable).doesNotHaveDuplicates();
    assertThat(KeyNames.ofVariable("PACELINE_RULE_GPT_4O_MAX_WAIT"))
        .contains("rule.gpt-4o.max-wait");
    assertThat(KeyNames.ofVariable("PACELINE_RULE_MODEL")).isEmpty();
  }

  @Test
  void namesHaveAtMostThreeLevelsBelowPaceline() {
    assertThat(Keys.all())
        .extracting(Key::property)
        .allMatch(name -> name.split("\\.").length <= 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rule.GPT.model", "rule.gpt-4.1.model", "rule..model", "rule.a b.model"})
  void aRuleIdThatNoEnvironmentVariableCouldHoldIsNotKnown(String name) {
    assertThat(KeyNames.known(name)).isFalse();
    assertThat(KeyNames.badRuleId(name)).isTrue();
  }

  @Property
  void noNameMakesTheSearchThrow(@ForAll String name) {
    KeyNames.nearest(name);
    KeyNames.known(name);
    KeyNames.badRuleId(name);
    KeyNames.ofVariable("PACELINE_" + name);
    KeyNames.serviceLink("PACELINE_" + name, name);
  }
}
