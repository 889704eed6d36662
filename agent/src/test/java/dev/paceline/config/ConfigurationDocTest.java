package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The table of keys in {@code docs/configuration.md} is made from {@link Keys}; a difference shows
 * what it should be.
 */
class ConfigurationDocTest {
  private static final Path DOC = Path.of("..", "docs", "configuration.md");

  @Test
  void theDocumentationListsEveryKeyAsItIs() throws IOException {
    String doc = Files.readString(DOC);

    assertThat(between(doc, "<!-- keys -->", "<!-- end of keys -->")).isEqualTo(table(Keys.all()));
    assertThat(between(doc, "<!-- rule keys -->", "<!-- end of rule keys -->"))
        .isEqualTo(ruleTable());
  }

  @Test
  void everyExampleIsUnderstood() {
    for (Key<?> key : Keys.all()) {
      assertThat(key.type().parse(key.example()).value()).as(key.name()).isPresent();
      assertThat(key.type().parse(key.example()).rejected()).as(key.name()).isEmpty();
      assertThat(key.type().parse(key.defaultText()).value()).as(key.name()).isPresent();
    }
    for (Key<?> key : RuleKeys.all()) {
      assertThat(key.type().parse(key.example()).value()).as(key.name()).isPresent();
    }
  }

  @Test
  void theExampleFileInTheDocumentationIsGood() throws IOException {
    String file = between(Files.readString(DOC), "```properties\n", "```");

    Settings settings = Given.nothing().file(file).read();
    assertThat(settings.problems()).isEmpty();
    assertThat(settings.ruleIds()).isNotEmpty();
  }

  private static String table(List<Key<?>> keys) {
    StringBuilder table =
        new StringBuilder(
            "\n| key | default | meaning | file changes apply |\n|---|---|---|---|\n");
    for (Key<?> key : keys) {
      String byDefault = key.defaultText().isEmpty() ? "not set" : code(key.defaultText());
      String dynamic =
          key.dynamic()
              ? "at once"
              : key.places().contains(Source.FILE) ? "at the next start" : "not in the file";
      table.append(
          row(
              code(key.property()),
              byDefault,
              key.meaning() + " E.g. " + code(key.example()),
              dynamic));
    }
    return table.append('\n').toString();
  }

  private static String ruleTable() {
    StringBuilder table = new StringBuilder("\n| key | meaning | example |\n|---|---|---|\n");
    for (Key<?> key : RuleKeys.all()) {
      table.append(row(code(key.property()), key.meaning(), code(key.example())));
    }
    return table.append('\n').toString();
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from);
    int end = text.indexOf(to, start + from.length());
    assertThat(start).as(from).isNotNegative();
    assertThat(end).as(to).isNotNegative();
    return text.substring(start + from.length(), end);
  }
}
