package dev.paceline.agent;

import dev.paceline.call.CallExecution;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Clock;
import dev.paceline.call.Policies;
import dev.paceline.call.RequestContent;
import dev.paceline.call.RequestInfo;
import dev.paceline.call.Step;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Two calls that nobody made, played through in a call room of their own before the first real one.
 *
 * <p>All classes of a call's way are loaded and initialised by it, on a thread with a usual stack.
 * The application's may be nearly used up (a deep recursion, a small {@code -Xss}): a stack
 * overflow in a class initialiser makes the class unusable for the life of the JVM, and with it the
 * agent.
 */
final class WarmUp {
  private static final Map<String, List<String>> REQUEST =
      Map.of("authorization", List.of("Bearer none"), "content-type", List.of("application/json"));

  private static final Map<String, List<String>> REFUSED =
      Map.of(
          "content-type", List.of("application/json"),
          "retry-after", List.of("1"),
          "x-ratelimit-limit-requests", List.of("60"),
          "x-ratelimit-remaining-requests", List.of("0"),
          "x-ratelimit-reset-requests", List.of("59.9s"));

  private static final Map<String, List<String>> SERVED =
      Map.of("content-type", List.of("application/json"), "content-length", List.of("60"));

  private static final String QUESTION =
      "{\"model\":\"gpt-4o\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}";
  private static final String REFUSAL =
      "{\"error\":{\"message\":\"Rate limit reached for requests. Please try again in 80ms.\","
          + "\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}";
  private static final String ANSWER =
      "{\"id\":\"a\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";

  private WarmUp() {}

  static void run(
      Clock clock, Policies policies, CallListener listener, ToLongFunction<String> hash) {
    Calls room =
        new Calls(
            clock,
            (at, task) -> () -> {},
            () -> 0.5,
            policies,
            listener,
            new Recognizer(MappedHosts.NONE),
            new Classifier(),
            hash,
            line -> {},
            () -> {});
    CallExecution refused = call(room);
    if (refused != null) {
      refused.arrived();
      refused.wantsBody(429, new MapHeaders(REFUSED));
      Step step =
          refused.answered(
              new ProviderResponse(429, new MapHeaders(REFUSED), bytes(REFUSAL), true), 0);
      if (step instanceof Step.Wait wait) {
        wait.ticket().cancel();
      }
      refused.cancelled();
      refused.ended();
    }
    CallExecution served = call(room);
    if (served != null) {
      served.arrived();
      served.wantsBody(200, new MapHeaders(SERVED));
      var tap = served.tap(200, new MapHeaders(SERVED));
      served.served(200, new MapHeaders(SERVED), 0);
      if (tap != null) {
        tap.bytes(bytes(ANSWER), 0, ANSWER.length());
        tap.end(true);
      }
      served.ended();
    }
  }

  private static @Nullable CallExecution call(Calls room) {
    Endpoint endpoint = room.recognise("api.openai.com", 443, "/v1/chat/completions");
    if (endpoint == null) {
      return null; // switched off
    }
    RequestInfo request =
        new RequestInfo(
            Client.JDK,
            endpoint,
            "POST",
            "api.openai.com",
            new MapHeaders(REQUEST),
            true,
            RequestInfo.NO_DEADLINE,
            false);
    CallExecution course = room.begin(request, RequestContent.of(bytes(QUESTION)), null);
    if (course != null && course.start() instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    return course;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
