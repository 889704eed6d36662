package dev.paceline.simulation;

import dev.paceline.call.CallExecution;
import dev.paceline.call.Calls;
import dev.paceline.call.Policies;
import dev.paceline.call.RequestContent;
import dev.paceline.call.RequestInfo;
import dev.paceline.call.Step;
import dev.paceline.call.VirtualTime;
import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.config.Sharing;
import dev.paceline.sim.Api;
import dev.paceline.sim.Decision;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Reply;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.sim.ResponseWriter;
import dev.paceline.sim.SimRequest;
import dev.paceline.sim.Simulated;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Several loads of one JVM, told apart by priority and tenant, before one simulated provider. */
final class Classed {
  private static final long SECOND = VirtualTime.SECOND;
  private static final Endpoint ENDPOINT = new Endpoint("openai", Operation.GENERATION, "", "");

  /**
   * Who calls, as a Poisson process.
   *
   * @param least tokens of the smallest prompt; sizes are spread evenly over their logarithms
   */
  record Load(Priority priority, String tenant, double perSecond, int least, int most) {
    double meanTokens() {
      return least == most ? least : (most - least) / Math.log((double) most / least);
    }
  }

  /** What became of one load. */
  static final class Result {
    final List<Double> waits = new ArrayList<>();
    long calls;
    long served;
    long tokens;
    long failed;

    /** Seconds that nineteen of twenty served calls waited at most. */
    double p95() {
      List<Double> sorted = waits.stream().sorted().toList();
      return sorted.isEmpty() ? 0 : sorted.get((int) (0.95 * (sorted.size() - 1)));
    }
  }

  final VirtualTime time = new VirtualTime();
  private final Map<Load, Result> results = new HashMap<>();
  private final Simulated provider;
  private final ResponseWriter speech = ResponseWriter.of("openai", ResponseStyle.DOCUMENTED);
  private final Calls calls;
  private final long span;
  private int number;
  int rejections;

  Classed(Plan plan, int seconds, long seed, Sharing sharing) {
    this.provider = new Simulated(plan, 0);
    this.span = seconds * SECOND;
    Random random = new Random(seed);
    Policy policy =
        new Policy(
                true,
                Mode.ENFORCE,
                6,
                60 * SECOND,
                true,
                120 * SECOND,
                SECOND,
                SECOND / 2,
                60 * SECOND,
                0.25,
                OnDeadline.AUTO,
                false,
                false,
                "",
                Bounds.NONE)
            .withSharing(sharing);
    this.calls =
        Paceline.strict(
            time,
            time,
            random,
            new Policies() {
              @Override
              public boolean enabled() {
                return true;
              }

              @Override
              public Policy policyFor(String provider, String model, String host) {
                return policy;
              }

              @Override
              public boolean sharesByRules() {
                return true;
              }
            });
  }

  /** What becomes of these loads, each for the whole time. */
  Map<Load, Result> run(List<Load> loads, long seed) {
    for (Load load : loads) {
      Random random = new Random(seed * 7_919 + load.hashCode());
      double at = 0;
      while (true) {
        at += -StrictMath.log(1 - random.nextDouble()) / load.perSecond;
        long arrival = (long) (at * SECOND);
        if (arrival >= span) {
          break;
        }
        long tokens =
            (long)
                (load.least * StrictMath.pow((double) load.most / load.least, random.nextDouble()));
        time.at(arrival, () -> arrive(load, tokens));
      }
    }
    while (time.next() && time.nanos() < span + 200 * SECOND) {
      // to the end
    }
    return results;
  }

  Result result(Load load) {
    return results.computeIfAbsent(load, key -> new Result());
  }

  /** One call, now. */
  void arrive(Load load, long tokens) {
    Result result = result(load);
    result.calls++;
    byte[] body = new byte[(int) Math.max(12, 4 * tokens)];
    byte[] digits = Integer.toString(number++).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, body, 0, digits.length);
    Map<String, String> headers = new HashMap<>();
    headers.put("x-paceline-priority", load.priority.tag());
    if (!load.tenant.isEmpty()) {
      headers.put("x-paceline-tenant", load.tenant);
    }
    CallExecution course =
        calls.begin(
            new RequestInfo(
                Client.JDK,
                ENDPOINT,
                "POST",
                "api.openai.com",
                MapHeaders.ofSingles(headers),
                true,
                RequestInfo.NO_DEADLINE,
                false),
            RequestContent.of(body),
            null);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    follow(result, course, tokens, time.nanos(), course.start());
  }

  private void follow(Result result, CallExecution course, long tokens, long arrived, Step step) {
    if (step instanceof Step.Send) {
      time.at(time.nanos() + SECOND / 100, () -> answer(result, course, tokens, arrived));
    } else if (step instanceof Step.Wait wait) {
      wait.ticket()
          .whenReady(
              () ->
                  time.at(
                      time.nanos(),
                      () ->
                          follow(result, course, tokens, arrived, course.resumed(wait.ticket()))));
    } else {
      result.failed++;
    }
  }

  private void answer(Result result, CallExecution course, long tokens, long arrived) {
    long now = time.nanos();
    Decision decision = provider.arrive(now, Wire.MODEL, tokens);
    SimRequest ask = new SimRequest(Api.EMBEDDINGS, Wire.MODEL, false, true, tokens, number);
    Reply reply = speech.answer(ask, decision, time.epochMillis());
    time.at(
        now + SECOND / 2,
        () -> {
          provider.done(time.nanos(), Wire.MODEL);
          if (decision.accepted()) {
            if (now < span) {
              result.served++;
              result.tokens += tokens;
            }
            result.waits.add((now - SECOND / 100 - arrived) / (double) SECOND);
            course.served(reply.status(), MapHeaders.ofSingles(reply.headers()), 0);
            course.ended();
          } else {
            rejections++;
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            follow(
                result,
                course,
                tokens,
                arrived,
                course.answered(
                    new ProviderResponse(
                        reply.status(), MapHeaders.ofSingles(reply.headers()), body, true),
                    0));
          }
        });
  }
}
