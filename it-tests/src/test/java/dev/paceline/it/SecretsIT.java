package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.JdkApp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys, prompts and answers leave the process on the wire to the provider and nowhere else. */
class SecretsIT {
  private static final String KEY = "sk-canary-of-the-key";
  private static final String QUESTION = "canary of the prompt";
  private static final String ANSWER = "canary of the answer";
  private static final Pattern CONSOLE = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void noCanaryIsFoundAnywhere(int jdk, @TempDir Path folder) throws Exception {
    String said = "{\"error\":{\"message\":\"Rate limit reached, " + ANSWER + "\",\"code\":\"x\"}}";
    String served = "{\"choices\":[{\"message\":{\"content\":\"" + ANSWER + "\"}}],\"usage\":{}}";
    try (Upstream upstream = Upstream.start()) {
      upstream
          .script("recover", Answer.status(429).saying(said), Answer.ok().saying(served))
          .script("always-429", Answer.status(429).saying(said))
          .script("broken", Answer.status(500).saying(said));
      try (Forked forked =
          AgentJvm.run(JdkApp.class)
              .withJdk(jdk)
              .in(folder)
              .against(upstream)
              .withShortWaits()
              .withProperty("paceline.console.port", "0")
              .withProperty("it.hold", "true")
              .withProperty("it.quiet", "true")
              .withProperty("it.key", KEY)
              .withProperty("it.question", QUESTION)
              .withArguments("recover.sync", "recover.async", "always-429.sync", "broken.sync")
              .start()) {
        forked.awaitLine(line -> line.equals("done"));
        String console = forked.awaitError(line -> CONSOLE.matcher(line).find());
        Matcher address = CONSOLE.matcher(console);
        assertThat(address.find()).isTrue();

        String metrics = get(address.group() + "/metrics");
        List<String> shown = new ArrayList<>(List.of(metrics));
        shown.add(get(address.group() + "/"));
        shown.add(get(address.group() + "/api/state.json"));
        forked.tell("");
        Ended ended = forked.await().exitedWith(0);
        ended.outcome("recover.sync").succeeded();
        shown.addAll(ended.err());

        // The upstream did get them; elsewhere there is no trace.
        assertThat(upstream.seen("recover.sync").get(0).headers().get("authorization"))
            .isEqualTo("Bearer " + KEY);
        assertThat(upstream.seen("recover.sync").get(0).body()).contains(QUESTION);
        assertThat(String.join("\n", shown)).doesNotContain(KEY, QUESTION, ANSWER, "canary");
        try (var files = Files.list(folder)) {
          assertThat(files).isEmpty();
        }
        // Two runs recovered from one 429 each, one met six; a 500 counts only for a limit that it
        // names.
        assertThat(limited(metrics)).isEqualTo(8);
      }
    }
  }

  private static double limited(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("paceline_rate_limited_total{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static String get(String url) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(url)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(url).isEqualTo(200);
    return answer.body();
  }
}
