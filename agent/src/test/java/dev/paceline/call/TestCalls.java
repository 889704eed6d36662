package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.MappedHosts;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Failure;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.Operation;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The call room in virtual time, with everything it says recorded. */
final class TestCalls {
  static final long SECOND = VirtualTime.SECOND;

  final VirtualTime time = new VirtualTime();
  final List<String> events = Collections.synchronizedList(new ArrayList<>());
  final List<String> log = new ArrayList<>();

  final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  final List<String> served = Collections.synchronizedList(new ArrayList<>());
  final List<CallListener.BypassReason> bypassed = new ArrayList<>();

  /** What calls were estimated and reported to cost: input, then cached if reported, output. */
  final List<String> estimated = Collections.synchronizedList(new ArrayList<>());

  final List<String> used = new ArrayList<>();
  Policy policy =
      new Policy(
          true,
          Mode.ENFORCE,
          6,
          60 * SECOND,
          false,
          150 * SECOND,
          SECOND,
          SECOND / 2,
          60 * SECOND,
          0.25,
          OnDeadline.AUTO,
          "");

  /** What rules say, by model. */
  final Map<String, Policy> ruled = new HashMap<>();

  boolean enabled = true;
  double random = 0.5;
  int queueMax = 10_000;

  /** Runs when a call takes its place in a queue. */
  Runnable onEnter = () -> {};

  long queueBytes = 1_000_000;
  int scopesMax = 10_000;
  final Policies policies =
      new Policies() {
        @Override
        public boolean enabled() {
          return enabled;
        }

        @Override
        public Policy policyFor(String provider, String model, String host) {
          return ruled.getOrDefault(model, policy);
        }

        @Override
        public int queueMax() {
          onEnter.run();
          return queueMax;
        }

        @Override
        public int scopesMax() {
          return scopesMax;
        }

        @Override
        public long queueBytes() {
          return queueBytes;
        }
      };
  final Calls calls =
      new Calls(
          time,
          time,
          () -> random,
          policies,
          new Recorder(),
          new Recognizer(MappedHosts.parse("*.corp=openai,llm.corp=openai")),
          new Classifier(),
          String::hashCode,
          log::add,
          () -> {});

  /** The usual policy, but for these. */
  static Policy policy(long maxWait, OnDeadline onDeadline, Bounds bounds) {
    return new Policy(
        true,
        Mode.ENFORCE,
        6,
        maxWait,
        false,
        150 * SECOND,
        SECOND,
        SECOND / 2,
        60 * SECOND,
        0.25,
        onDeadline,
        false,
        false,
        "",
        bounds);
  }

  CallExecution begin(String body) {
    return begin(body, Map.of(), RequestInfo.NO_DEADLINE, true, null);
  }

  /** A call with this key. */
  CallExecution beginWith(String key, String body) {
    return begin(
        body, Map.of("Authorization", "Bearer " + key), RequestInfo.NO_DEADLINE, true, null);
  }

  CallExecution begin(
      String body,
      Map<String, String> headers,
      long deadline,
      boolean replayable,
      @Nullable CallExecution earlier) {
    RequestInfo out =
        new RequestInfo(
            Client.JDK,
            new Endpoint("openai", Operation.GENERATION, "", ""),
            "POST",
            "api.openai.com",
            headers(headers),
            replayable,
            deadline,
            true);
    CallExecution course =
        calls.begin(out, RequestContent.of(body.getBytes(StandardCharsets.UTF_8)), earlier);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    return course;
  }

  /** A call of another provider; a body of its own, so that none continues another. */
  CallExecution beginAt(String provider, String host, Map<String, String> headers) {
    RequestInfo out =
        new RequestInfo(
            Client.JDK,
            new Endpoint(provider, Operation.GENERATION, "", host),
            "POST",
            host,
            headers(headers),
            true,
            RequestInfo.NO_DEADLINE,
            true);
    CallExecution course = calls.begin(out, RequestContent.UNREAD, null);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    return course;
  }

  /** A call to a host that the application's user mapped. */
  CallExecution beginAt(String host, String body) {
    RequestInfo out =
        new RequestInfo(
            Client.JDK,
            new Endpoint("openai", Operation.GENERATION, "", ""),
            "POST",
            host,
            headers(Map.of()),
            true,
            RequestInfo.NO_DEADLINE,
            true);
    return java.util.Objects.requireNonNull(
        calls.begin(out, RequestContent.of(body.getBytes(StandardCharsets.UTF_8)), null));
  }

  static ProviderResponse answer(int status, Map<String, String> headers, String body) {
    return new ProviderResponse(
        status, headers(headers), body.getBytes(StandardCharsets.UTF_8), true);
  }

  /** A 429 of OpenAI's with a hint; null for none. */
  static ProviderResponse limited(@Nullable String retryAfter) {
    return answer(
        429,
        retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter),
        "{\"error\":{\"message\":\"Rate limit"
            + " reached\",\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}");
  }

  static Headers headers(Map<String, String> values) {
    Map<String, String> lower = new HashMap<>();
    values.forEach((k, v) -> lower.put(k.toLowerCase(Locale.ROOT), v));
    return MapHeaders.ofSingles(lower);
  }

  /** Lets time pass until the ticket is ready, then asks what comes next. */
  Step ride(CallExecution course, Step step) {
    Ticket ticket = ((Step.Wait) step).ticket();
    while (ticket.state() == Ticket.State.WAITING) {
      if (!time.next()) {
        throw new AssertionError("nothing will ever wake this call");
      }
    }
    return course.resumed(ticket);
  }

  private final class Recorder implements CallListener {
    @Override
    public void failed(CallInfo call, Failure failure) {
      failures.add(failure.name());
    }

    @Override
    public void served(CallInfo call, long nanos, long waitedNanos) {
      served.add(nanos / 1_000_000 + " ms, waited " + waitedNanos / 1_000_000 + " ms");
    }

    @Override
    public void bypassed(BypassReason reason) {
      bypassed.add(reason);
    }

    @Override
    public void limited(CallInfo call, Limit limit, Source source) {
      events.add("limited " + limit.tag());
    }

    @Override
    public void retried(CallInfo call, RetryReason reason) {
      events.add("retried " + reason.tag());
    }

    @Override
    public void tooLarge(CallInfo call) {
      events.add("too large");
    }

    @Override
    public void repeated(CallInfo call) {
      events.add("repeated");
    }

    @Override
    public void avoidable(CallInfo call, Limit limit, Remedy by) {
      events.add("avoidable " + limit.tag() + " " + by);
    }

    @Override
    public void waited(CallInfo call, Limit limit, WaitReason reason, long nanos) {
      if (policy.mode() == Mode.OBSERVE) {
        events.add("would wait " + limit.tag() + " " + reason + " " + nanos / 1_000_000 + " ms");
      }
    }

    @Override
    public void gaveUp(CallInfo call, GiveUpReason reason) {
      events.add("gave up " + reason);
    }

    @Override
    public void callEnded(CallInfo call, Outcome outcome, long overheadNanos) {
      events.add("ended " + outcome);
    }

    @Override
    public void tokensEstimated(CallInfo call, long input, long output) {
      estimated.add(input + " " + output);
    }

    @Override
    public void tokensUsed(
        CallInfo call, long input, long cached, long output, double promptByEstimate) {
      used.add(input + " " + cached + " " + output);
    }

    @Override
    public void fault(String component, Throwable fault) {
      events.add("fault " + component);
    }
  }
}
