package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in its six states, as a person sees it, with pictures of each below {@code
 * target/screenshots}: desktop, phone and dark. With {@code -Dpaceline.pictures.write=true} the
 * first becomes the README's picture.
 */
class PageStatesIT {
  private static final Path README_PICTURE =
      AgentJvm.MODULE.resolve("../docs/images/live-page.png").normalize();

  @TempDir private Path folder;

  @Test
  void saturated() throws IOException {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=60,burst=6", "--no-headers");
        Forked forked =
            app(openAi, silent)
                .withArguments(
                    openAi.url() + "|gpt-4o|9",
                    openAi.url() + "|gpt-4o-mini|1",
                    silent.url() + "|o4-mini|3")
                .start()) {
      open(browser, forked);
      saysIn(browser, "findings", "TPM is the binding limit of gpt-4o");
      saysIn(browser, "findings", "saturated for");
      saysIn(browser, "scopes", "tokens per minute left");
      saysIn(browser, "scopes", "No rate-limit headers seen yet. Learned pace: ");
      saysIn(browser, "scopes", "calls waiting, oldest ");
      saysIn(browser, "tiles", "Queue wait p95");
      saysIn(browser, "models", "without queue");
      if (Boolean.getBoolean("paceline.pictures.write")) {
        // Long enough for charts with a course.
        browser.until(
            "latest && latest.history.coveredMillis > 240000 && latest.models.length > 2",
            Duration.ofMinutes(5));
        Path picture = browser.size(1280, 900, false).screenshot("readme");
        Files.copy(picture, README_PICTURE, StandardCopyOption.REPLACE_EXISTING);
      }
      ranges(browser);
      pictures(browser, "saturated");
    }
  }

  @Test
  void failing() {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600");
        SimProcess silent = simulated("--limit", "rpm=30,burst=3");
        Forked forked =
            app(openAi, silent)
                .withProperty("it.pause", "40")
                .withProperty("paceline.rule.mini.model", "o4-mini")
                .withProperty("paceline.rule.mini.max-wait", "1s")
                .withProperty("paceline.on-deadline", "reject")
                .withArguments(openAi.url() + "|gpt-4o|1", silent.url() + "|o4-mini|4")
                .start()) {
      ConsolePages console = open(browser, forked);
      browser.until(
          "/^[5-9]\\d % of the calls to o4-mini failed in the last 5 min: [\\d,]+ of [\\d,]+;"
              + " Paceline answered [\\d,]+ itself/.test(document.querySelector('.finding.critical"
              + " strong').innerText)");
      assertThat(browser.eval("document.querySelector('#findings li').className").asText())
          .as("above all others")
          .contains("critical");
      browser.until("document.querySelector('#tiles > div').className === 'bad'");
      saysIn(browser, "tiles", "Paceline ");
      assertThat(browser.eval("document.querySelector('#tiles dt').innerText").asText())
          .isEqualTo("Calls failed");
      assertThat(console.metric("paceline_failed_calls_total", "by=\"agent\"", "model=\"o4-mini\""))
          .isGreaterThan(10);
      assertThat(forked.awaitError(line -> line.contains("event=failing")))
          .contains("model=o4-mini", "% of the calls to o4-mini failed");
      pictures(browser, "failing");
    }
  }

  @Test
  void observing() {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=60,burst=6", "--no-headers");
        Forked forked =
            app(openAi, silent)
                .withProperty("it.pause", "200")
                .withProperty("paceline.mode", "observe")
                .withProperty("paceline.rule.mini.model", "o4-mini")
                .withProperty("paceline.rule.mini.mode", "enforce")
                .withArguments(openAi.url() + "|gpt-4o|6", silent.url() + "|o4-mini|2")
                .start()) {
      ConsolePages console = open(browser, forked);
      saysIn(browser, "banner", "Observe mode: calls are counted, not held and not retried");
      saysIn(browser, "about", "mode observe");
      saysIn(browser, "observe", "by pacing");
      saysIn(browser, "tiles", "Predicted wait p95");
      saysIn(browser, "models", "enforce");
      assertThat(console.metric("paceline_model_mode", "model=\"o4-mini\"")).isEqualTo(1);
      assertThat(console.metric("paceline_model_mode", "model=\"gpt-4o\"")).isZero();
      assertThat(console.metric("paceline_mode")).isZero();
      pictures(browser, "observing");
    }
  }

  @Test
  void switchedOff() throws IOException {
    Path file = Files.writeString(folder.resolve("paceline.properties"), "");
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        SimProcess silent = simulated("--limit", "rpm=60,burst=6", "--no-headers");
        Forked forked =
            app(openAi, silent)
                .withProperty("it.pause", "200")
                .withProperty("paceline.config.file", file.toString())
                .withArguments(openAi.url() + "|gpt-4o|9")
                .start()) {
      ConsolePages console = open(browser, forked);
      saysIn(browser, "scopes", "calls waiting");
      Files.writeString(file, "paceline.enabled=false\n");
      saysIn(browser, "banner", "Paceline is switched off by its configuration");
      saysIn(browser, "about", "switched off");
      browser.until("document.getElementById('banner').className === 'off'");
      saysIn(browser, "scopes", "Queue empty");
      assertThat(console.metric("paceline_enabled")).isZero();
      console.state(state -> console.metric("paceline_bypassed_total", "reason=\"disabled\"") > 0);
      assertThat(console.metric("paceline_bypassed_total", "reason=\"disabled\"")).isPositive();
      pictures(browser, "off");
      Files.writeString(file, "paceline.enabled=true\n");
      browser.until("document.getElementById('banner').hidden");
      assertThat(console.metric("paceline_enabled")).isEqualTo(1);
    }
  }

  /** The console is there, and no call has been managed: a rule leaves all alone. */
  @Test
  void empty() {
    try (Browser browser = Browser.start();
        SimProcess openAi = simulated("--limit", "rpm=6000");
        Forked forked =
            app(openAi, openAi)
                .withProperty("paceline.rule.none.model", "*")
                .withProperty("paceline.rule.none.enabled", "false")
                .withArguments(openAi.url() + "|gpt-4o|1")
                .start()) {
      open(browser, forked);
      saysIn(browser, "findings", "No call to an LLM in the last 15 min");
      saysIn(browser, "scopes", "No call has reached an LLM provider yet");
      saysIn(browser, "models", "No calls in the last 15 min");
      saysIn(browser, "tiles", "queue empty");
      browser.until("document.getElementById('banner').hidden");
      pictures(browser, "empty");
    }
  }

  @Test
  void sharing() throws IOException {
    try (Browser browser = Browser.start();
        RedisServer redis = RedisServer.start(folder);
        SimProcess openAi = simulated("--limit", "rpm=600", "--limit", "tpm=6000");
        Forked other =
            app(openAi, openAi)
                .withProperty("paceline.fleet", redis.url())
                .withArguments(openAi.url() + "|gpt-4o|3")
                .start();
        Forked forked =
            app(openAi, openAi)
                .withProperty("paceline.fleet", redis.url())
                .withArguments(openAi.url() + "|gpt-4o|6")
                .start()) {
      open(browser, forked);
      saysIn(browser, "fleet", "2 processes");
      saysIn(browser, "fleet", "this process ");
      browser.until("document.querySelectorAll('#fleet .bar.split i').length >= 3");
      pictures(browser, "sharing");
      redis.kill();
      saysIn(browser, "fleet", "Redis does not answer");
      pictures(browser, "sharing-alone");
      assertThat(other.handle().isAlive()).isTrue();
    }
  }

  private static ConsolePages open(Browser browser, Forked forked) {
    ConsolePages console = ConsolePages.of(forked);
    browser.size(1280, 900, false).open(console.address() + "/");
    browser.until("/pid \\d+ · started /.test(document.getElementById('about').innerText)");
    return console;
  }

  private static void saysIn(Browser browser, String id, String words) {
    browser.until("document.getElementById('%s').innerText.includes('%s')".formatted(id, words));
  }

  private static void ranges(Browser browser) {
    for (String range : List.of("1h", "24h", "15m")) {
      browser.eval("document.querySelector('[data-range=\"" + range + "\"]').click()");
      browser.until("latest.range === '" + range + "'");
      assertThat(browser.eval("latest.models.length").asInt()).isPositive();
    }
    browser.until(
        "Chart.getChart('calls').data.labels.length"
            + " <= Math.max(8, Math.ceil(latest.history.coveredMillis / 15000) + 1)");
  }

  private static void pictures(Browser browser, String state) {
    browser.size(1280, 900, false);
    assertThat(browser.screenshot(name(state, "desktop"))).isNotEmptyFile();
    browser.dark(true);
    browser.until("getComputedStyle(document.body).backgroundColor === 'rgb(18, 21, 27)'");
    assertThat(browser.screenshot(name(state, "dark"))).isNotEmptyFile();
    browser.dark(false).size(390, 844, true);
    browser.until("document.documentElement.scrollWidth <= 390");
    assertThat(browser.screenshot(name(state, "phone"))).isNotEmptyFile();
    assertThat(browser.complaints()).isEmpty();
  }

  private static String name(String state, String device) {
    return String.format(Locale.ROOT, "%s-%s", state, device);
  }

  private static SimProcess simulated(String... limits) {
    return SteadyLoad.provider(300, limits);
  }

  private static AgentJvm app(SimProcess openAi, SimProcess silent) {
    return SteadyLoad.app(openAi, silent).withTimeout(Duration.ofMinutes(7));
  }
}
