package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.paceline.it.app.SteadyApp;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The console's page in a real browser, while a real application is saturated. */
class LivePageIT {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>";

  @Test
  void oneLookAnswersWhoIsLimitedByWhat() throws Exception {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=40,burst=2", "--no-headers");
        Forked forked = saturated("enforce", openAi, silent)) {
      ConsolePages console = ConsolePages.of(forked);
      browser.size(1280, 900, false).open(console.address() + "/");
      browser.until("document.querySelector('#findings .warning') !== null");
      browser.until("document.querySelector('.bar.full') !== null");
      browser.until(
          "document.getElementById('findings').innerText.includes('TPM is the binding limit of"
              + " gpt-4o')");
      browser.until("Chart.getChart('limited').data.datasets.length > 0");
      browser.until("Math.max(...Chart.getChart('waiting').data.datasets[0].data) > 0");

      // All twelve may be on the way for a moment.
      JsonNode state = console.state(now -> scope(now, "gpt-4o").path("waiting").asInt() > 0);
      String page = browser.eval("document.body.innerText").asText();
      // The sentence is the state's, whatever its figures at this moment.
      assertThat(page)
          .contains(
              "a higher tier or shorter prompts would help, more retries would not"
                  .replaceFirst("a", "A"))
          .contains("calls waiting")
          .contains(HOSTILE);
      JsonNode scope = scope(state, "gpt-4o");
      assertThat(scope.path("waiting").asInt()).isPositive();
      assertThat(limit(scope, "tpm").path("used").asDouble()).isGreaterThan(.9);
      assertThat(limit(scope, "rpm").path("used").asDouble()).isLessThan(.9);
      assertThat(browser.eval(bar("TPM")).asInt()).isGreaterThan(85);
      assertThat(browser.eval(bar("RPM")).asInt()).isLessThan(90);
      int refused = (int) console.metric("paceline_rate_limited_total", "source=\"upstream\"");
      int drawn =
          browser
              .eval(
                  "Chart.getChart('limited').data.datasets.flatMap(d => d.data).reduce((a, b) => a"
                      + " + b)")
              .asInt();
      assertThat(drawn).as("refusals in the chart, of %d so far", refused).isBetween(1, refused);
      for (String canvas : new String[] {"limited", "waiting"}) {
        assertThat(browser.eval(painted(canvas)).asInt()).as(canvas).isGreaterThan(1_000);
      }

      assertThat(browser.eval("document.getElementById('models').innerText").asText())
          .contains("Prompt tokens");
      assertThat(
              browser
                  .eval(
                      "(s => s.scrollWidth -"
                          + " s.clientWidth)(document.getElementById('models').parentElement)")
                  .asInt())
          .as("pixels of the table that are out of sight")
          .isZero();

      browser.press("Tab", 9);
      assertThat(browser.eval("document.activeElement !== document.body").asBoolean())
          .as("reached by keyboard")
          .isTrue();

      browser.eval("document.activeElement.blur()");
      assertThat(browser.screenshot("desktop")).isNotEmptyFile();
      browser.dark(true);
      browser.until("getComputedStyle(document.body).backgroundColor === 'rgb(18, 21, 27)'");
      assertThat(browser.screenshot("dark")).isNotEmptyFile();
      browser.dark(false).size(390, 844, true);
      browser.until("document.documentElement.scrollWidth <= 390");
      assertThat(browser.screenshot("phone")).isNotEmptyFile();

      assertThat(browser.requests())
          .anyMatch(url -> url.endsWith("/api/state.json?meters=no&range=15m"))
          .allMatch(url -> url.startsWith(console.address() + "/") || url.equals("about:blank"));
      assertThat(browser.complaints()).isEmpty();

      forked.tell("end");
      forked.await();
      browser.until("document.getElementById('pulse').classList.contains('lost')");
    }
  }

  @Test
  void observeModeReportsWhatEnforcingWouldHaveAvoidedAndCost() throws Exception {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=40,burst=2", "--no-headers");
        Forked forked = saturated("observe", openAi, silent)) {
      ConsolePages console = ConsolePages.of(forked);
      browser.size(1280, 900, false).open(console.address() + "/");
      browser.until("document.getElementById('observe').innerText.includes('by pacing')");
      browser.until("/Avoided: [1-9]/.test(document.getElementById('observe').innerText)");
      browser.until("/Cost: [1-9]/.test(document.getElementById('observe').innerText)");
      JsonNode observe = console.state().path("observe");
      assertThat(observe.path("limited").asInt()).isPositive();
      assertThat(observe.path("byPacing").asInt() + observe.path("byRetry").asInt())
          .isPositive()
          .isLessThanOrEqualTo(observe.path("limited").asInt());
      assertThat(observe.path("waits").path("sumSeconds").asDouble()).isPositive();
      assertThat(console.metric("paceline_observe_avoidable_total")).isPositive();
      assertThat(console.state().path("scopes").get(0).path("waiting").asInt())
          .as("nobody is held")
          .isZero();
      assertThat(browser.screenshot("observe")).isNotEmptyFile();
      assertThat(browser.complaints()).isEmpty();
    }
  }

  private static SimProcess simulated(String... limits) {
    return SimProcess.start(
        Stream.concat(Stream.of("--dialect", "openai", "--service", "200"), Stream.of(limits))
            .toArray(String[]::new));
  }

  private static Forked saturated(String mode, SimProcess openAi, SimProcess silent) {
    return AgentJvm.run(SteadyApp.class)
        .withQuickStart()
        .withProperty("paceline.mode", mode)
        .withProperty("paceline.console.port", "0")
        .withProperty("paceline.metrics.tags", "service=checkout")
        .withProperty(
            "paceline.hosts",
            "127.0.0.1:%d=openai,127.0.0.1:%d=openai".formatted(openAi.port(), silent.port()))
        .withArguments(
            openAi.url() + "|gpt-4o|12",
            openAi.url() + "|" + HOSTILE + "|1",
            silent.url() + "|o4-mini|3")
        .withTimeout(java.time.Duration.ofMinutes(4))
        .start();
  }

  private static JsonNode scope(JsonNode state, String model) {
    return find(state.path("scopes"), "model", model);
  }

  private static JsonNode limit(JsonNode scope, String limit) {
    return find(scope.path("limits"), "limit", limit);
  }

  private static JsonNode find(JsonNode list, String key, String value) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(node -> node.path(key).asText().equals(value))
        .findFirst()
        .orElseThrow(() -> new AssertionError(value + " is not in " + list));
  }

  /** How full, in per cent of its width, the bar of gpt-4o's limit is drawn. */
  private static String bar(String limit) {
    return """
    (() => {
      const bar = document.querySelector('[aria-label^="%s of gpt-4o used"]');
      return Math.round(100 * bar.firstChild.getBoundingClientRect().width / bar.getBoundingClientRect().width);
    })()\
    """
        .formatted(limit);
  }

  private static String painted(String canvas) {
    return """
    (() => {
      const canvas = document.getElementById('%s');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return data.filter((value, i) => i %% 4 === 3 && value > 0).length;
    })()\
    """
        .formatted(canvas);
  }
}
