package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.provider.catalog.Example;
import dev.paceline.provider.catalog.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/adding-a-provider.md}, step by step. */
class ProviderCasesTest {
  private static final Path DOC = Path.of("..", "docs", "adding-a-provider.md");
  private static final Path EXAMPLE =
      Path.of("src/test/java/dev/paceline/provider/catalog/Example.java");
  private static final String URL = "api.example.com/v1/chat/completions example GENERATION";
  private static final String ANSWER = "{\"name\": \"a\", \"provider\": \"example\", \"x\": 1}";
  private static final String HEADERS = "{\"provider\":\"example\",\"status\":200}";

  @Test
  void everyProviderHasItsCases() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Provider provider : Providers.all()) {
      missing.addAll(
          ProviderCases.missing(
              provider,
              ProviderCases.urls(),
              ProviderCases.answers(),
              ProviderCases.successHeaders()));
    }
    assertThat(missing).as("docs/adding-a-provider.md").isEmpty();
  }

  /** The file is compiled, and looked at by the formatter, with the tests. */
  @Test
  void theExampleOfThePageIsTheOneThatIsCompiled() throws IOException {
    String page = Files.readString(DOC);
    int from = page.indexOf("```java\n") + "```java\n".length();

    assertThat(page.substring(from, page.indexOf("```", from)))
        .as("the example in docs/adding-a-provider.md and %s", EXAMPLE)
        .isEqualTo(Files.readString(EXAMPLE));
  }

  @Test
  void whatIsMissingIsSaidWithItsPlace() {
    Provider example = Example.provider();

    assertThat(ProviderCases.missing(example, List.of(), List.of(ANSWER), List.of(HEADERS)))
        .singleElement()
        .asString()
        .contains("no URL of example: add a line", "api.example.com/", "urls.txt");
    assertThat(ProviderCases.missing(example, List.of(URL), List.of(), List.of(HEADERS)))
        .singleElement()
        .asString()
        .contains("no answer of example: add a line", "answers.jsonl");
    assertThat(ProviderCases.missing(example, List.of(URL), List.of(ANSWER), List.of()))
        .singleElement()
        .asString()
        .contains("no headers of example", "success-headers.jsonl");
    assertThat(ProviderCases.missing(example, List.of(URL), List.of(ANSWER), List.of(HEADERS)))
        .isEmpty();
  }

  @Test
  void theExampleIsWhatThePageSays() {
    Provider example = Example.provider();

    assertThat(example.id()).isEqualTo("example");
    assertThat(example.aliases()).containsExactly("example-ai");
    assertThat(example.hosts()).hasSize(2);
  }

  @Test
  void thePageNamesWhatIsThere() throws IOException {
    String page = Files.readString(DOC);

    for (String name : List.of("urls.txt", "answers.jsonl", "success-headers.jsonl")) {
      assertThat(page).contains(name);
      assertThat(Path.of("src/test/resources/dev/paceline/provider", name)).exists();
    }
    for (String name : List.of("TrapsTest", "ProviderCasesTest", "ProvidersDocTest")) {
      assertThat(page).contains(name);
      assertThat(Path.of("src/test/java/dev/paceline/provider", name + ".java")).exists();
    }
    assertThat(page).contains("mvn spotless:apply", "ProviderAnswers");
  }
}
