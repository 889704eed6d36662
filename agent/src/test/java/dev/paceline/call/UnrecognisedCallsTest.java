package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnrecognisedCallsTest {
  private final List<String> debug = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  @Test
  void aCallThatLooksLikeAnLlmsIsNamedOnceAHost() {
    UnrecognisedCalls calls = watcher(false);

    ask(calls, "POST", "127.0.0.1", 9000, "/v1/chat/completions", "application/json");
    ask(calls, "POST", "127.0.0.1", 9000, "/v1/chat/completions", "application/json");
    ask(calls, "POST", "llm.corp.example", 443, "/claude/v1/messages", "application/json");

    assertThat(warnings)
        .containsExactly(
            "seen, not recognised: 127.0.0.1:9000/v1/chat/completions; name it in paceline.hosts:"
                + " 127.0.0.1:9000=openai",
            "seen, not recognised: llm.corp.example/claude/v1/messages; name it in paceline.hosts:"
                + " llm.corp.example=anthropic");
    assertThat(debug).isEmpty();
  }

  @Test
  void othersAreSilentUnlessDebugIsAskedFor() {
    UnrecognisedCalls silent = watcher(false);
    ask(silent, "GET", "a.example", 443, "/v1/chat/completions", "application/json");
    ask(silent, "POST", "b.example", 443, "/orders", "application/json");
    ask(silent, "POST", "c.example", 443, "/v1/chat/completions", "text/html");
    ask(silent, "POST", "d.example", 443, "/v1/chat/completions", null);
    assertThat(debug).isEmpty();

    UnrecognisedCalls loud = watcher(true);
    ask(loud, "GET", "a.example", 8080, "/health", null);
    ask(loud, "GET", "a.example", 8080, "/other", null);
    assertThat(debug)
        .containsExactly(
            "seen, not recognised: a.example:8080/health; name it in paceline.hosts if it is a"
                + " provider's");
    assertThat(warnings).isEmpty();
  }

  @Test
  void aHostThatDebugHasNamedIsNamedAgainWhenItTurnsOutToBeAnLlms() {
    UnrecognisedCalls calls = watcher(true);
    ask(calls, "GET", "a.example", 443, "/v1/models", null);
    ask(calls, "POST", "a.example", 443, "/v1/responses", "application/json; charset=utf-8");

    assertThat(debug).hasSize(1);
    assertThat(warnings).singleElement().asString().contains("a.example/v1/responses");
  }

  /** A webhook's path is as good as a password; so may be a model's name in a path. */
  @Test
  void whatMayBeASecretInAPathIsNotShown() {
    UnrecognisedCalls calls = watcher(true);
    ask(calls, "POST", "hooks.example", 443, "/services/T00FAKE/B00/xxFAKExx", "application/json");
    ask(calls, "POST", "g.example", 443, "/v1beta/models/secret-1:generateContent", "text/json");

    assertThat(debug).singleElement().asString().contains("hooks.example/services/…/…/…;");
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("g.example/v1beta/models/…:generateContent;", "g.example=gemini");
  }

  @Test
  void aHostWithoutSuchCallsIsLookedAtABoundedNumberOfTimes() {
    UnrecognisedCalls calls = watcher(false);
    int looks = 0;
    while (calls.wants("POST", "shop.example")) {
      ask(calls, "POST", "shop.example", 443, "/orders", "application/json");
      looks++;
    }
    assertThat(looks).isBetween(10, 100);

    int hosts = 0;
    while (calls.wants("POST", hosts + ".example")) {
      ask(calls, "POST", hosts++ + ".example", 443, "/orders", "application/json");
    }
    assertThat(hosts).isBetween(100, 1_000);
  }

  private UnrecognisedCalls watcher(boolean debugging) {
    return new UnrecognisedCalls(debugging, debug::add, warnings::add);
  }

  private static void ask(
      UnrecognisedCalls calls, String method, String host, int port, String path, String type) {
    if (calls.wants(method, host)) {
      calls.seen(method, host, port, path, () -> type);
    }
  }
}
