package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.ClassesApp;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job's threads beside a web server's: the order in which the provider sees their calls. */
class ClassesIT {
  private static final Pattern FROM = Pattern.compile("from ([a-z0-9-]+)");

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void rulesByThreadAndAHeaderDecideWhoGoesFirst(String client) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("classes", Answer.rateLimited().header("Retry-After", "4"), Answer.ok());
      Ended ended =
          AgentJvm.run(ClassesApp.class)
              .with("okhttp:4.12.0")
              .against(upstream)
              .withQuickStart()
              .withProperty("paceline.backoff.jitter", "0") // or the retry is up to 1 s late
              .withProperty("paceline.rule.job.thread", "batch-*")
              .withProperty("paceline.rule.job.priority", "background")
              .withProperty("paceline.rule.web.thread", "http-nio-*")
              .withProperty("paceline.rule.web.priority", "interactive")
              .withArguments(client)
              .await()
              .exitedWith(0);
      assertThat(ended.outcomes()).as(ended.toString()).hasSize(7).allMatch(Ended.Outcome::ok);
      List<Upstream.Seen> seen = upstream.seen("classes." + client);
      assertThat(seen.stream().map(ClassesIT::from).toList())
          .as("the first was answered 429, and goes before the job and after the web")
          .containsExactly(
              "main-1",
              "http-nio-1",
              "http-nio-2",
              "batch-4",
              "main-1",
              "batch-1",
              "batch-2",
              "batch-3");
      assertThat(seen)
          .allSatisfy(
              one ->
                  assertThat(one.headers().keySet())
                      .noneMatch(
                          name ->
                              name.toLowerCase(java.util.Locale.ROOT).startsWith("x-paceline")));
    }
  }

  private static String from(Upstream.Seen seen) {
    Matcher from = FROM.matcher(seen.body());
    return from.find() ? from.group(1) : seen.body();
  }
}
