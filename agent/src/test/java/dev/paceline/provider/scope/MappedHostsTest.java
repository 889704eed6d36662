package dev.paceline.provider.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import java.util.List;
import org.junit.jupiter.api.Test;

class MappedHostsTest {
  @Test
  void aBadEntryIsNamed() {
    for (String bad :
        List.of(
            "nothing",
            "=openai",
            "host=",
            "host=nobody",
            "host:0=openai",
            "host:x=openai",
            "a*b*c=openai",
            "https://h=openai",
            "/p=openai",
            "h h=openai")) {
      assertThatThrownBy(() -> MappedHosts.parse("good.example=openai," + bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + bad + "'");
    }
  }

  @Test
  void nothingMapsNothing() {
    assertThat(MappedHosts.parse("").entries()).isEmpty();
    assertThat(MappedHosts.parse(" , ").entries()).isEmpty();
  }

  @Test
  void everyIdAndAliasNamesItsProvider() {
    assertThat(Providers.all()).extracting(Provider::id).doesNotHaveDuplicates().contains("openai");
    assertThat(Providers.find("Azure")).hasToString("azure-openai");
    assertThat(Providers.find("kimi")).hasToString("moonshot");
    assertThat(Providers.find("litellm")).hasToString("litellm-proxy");
    assertThat(Providers.find("auto")).hasToString("generic");
    assertThat(Providers.find("")).isNull();
    long names =
        Providers.all().stream().mapToLong(provider -> 1 + provider.aliases().size()).sum();
    long distinct =
        Providers.all().stream()
            .flatMap(
                p ->
                    java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(p.id()), p.aliases().stream()))
            .distinct()
            .count();
    assertThat(distinct).isEqualTo(names);
  }
}
