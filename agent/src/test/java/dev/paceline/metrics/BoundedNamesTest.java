package dev.paceline.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedNamesTest {
  @ParameterizedTest
  @CsvSource({
    "GPT-4o, gpt-4o",
    "ft:gpt-4o-mini:my-org::AbC123, ft:gpt-4o-mini",
    "FT:GPT-4o:acme:name:id, ft:gpt-4o",
    "ft:gpt-4o, ft:gpt-4o",
    "meta-llama/Llama-3.1-8B, meta-llama/llama-3.1-8b",
    "anthropic.claude-v2:1:200k, anthropic.claude-v2:1:200k",
    "a b, a_b",
    "'', unknown",
  })
  void aModelNameBecomesATagValue(String raw, String clean) {
    assertThat(BoundedNames.clean(raw)).isEqualTo(clean);
  }

  @Test
  void aTagValueIsAtMost64CharactersLong() {
    assertThat(BoundedNames.clean("x".repeat(10_000))).hasSize(64);
  }

  @Property
  void anyStringBecomesAHarmlessValue(@ForAll String raw) {
    assertThat(BoundedNames.clean(raw)).matches("[a-z0-9._:/_-]{1,64}");
  }

  @Test
  void unknownTakesNoPlaceAndLateNamesAreOther() {
    BoundedNames names = new BoundedNames(2);
    assertThat(names.admit("unknown")).isEqualTo("unknown");
    assertThat(names.admit("a")).isEqualTo("a");
    assertThat(names.admit("b")).isEqualTo("b");
    assertThat(names.admit("c")).isEqualTo("other");
    assertThat(names.admit("unknown")).isEqualTo("unknown");
    assertThat(names.admit("a")).isEqualTo("a");
  }
}
