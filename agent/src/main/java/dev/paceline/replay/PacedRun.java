package dev.paceline.replay;

import dev.paceline.call.BodyTap;
import dev.paceline.call.CallExecution;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Policies;
import dev.paceline.call.RequestContent;
import dev.paceline.call.RequestInfo;
import dev.paceline.call.Step;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.sim.Reply;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.Operation;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** With the agent: its calls, queues and limiters, driven as an adapter drives them. */
final class PacedRun extends ReplayRun {
  private static final long SEED = 1;

  /** The agent takes four bytes of a body that is no JSON for a token. */
  private static final int BYTES_A_TOKEN = 4;

  private static final int FIRST_TOLD = 1_000;
  private static final int TOLD_AFTER = 16;
  private static final int LEAST_BYTES = 12;
  private static final int MOST_BYTES = 16 << 20;

  private static final class Held {
    final CallExecution execution;
    long waited;
    @Nullable BodyTap tap;

    Held(CallExecution execution) {
      this.execution = execution;
    }
  }

  private final Calls room;
  private final Endpoint endpoint;
  private final Map<Integer, Held> open = new HashMap<>();
  private byte[] body = new byte[1 << 16];
  private @Nullable Throwable fault;

  /**
   * @param policy what the agent is told
   * @param queueMax calls that may wait at the same time
   */
  PacedRun(Arrivals calls, ReplayLimits limits, boolean cold, Policy policy, int queueMax) {
    super(calls, limits, cold);
    this.endpoint = new Endpoint(dialect, Operation.GENERATION, MODEL, "");
    Random random = new Random(SEED);
    this.room =
        new Calls(
            time,
            time,
            random::nextDouble,
            policies(policy, queueMax),
            new CallListener() {
              @Override
              public void fault(String component, Throwable thrown) {
                fault = fault == null ? thrown : fault;
              }
            },
            new Recognizer(),
            new Classifier(),
            String::hashCode,
            line -> {},
            () -> {});
  }

  private static Policies policies(Policy policy, int queueMax) {
    return new Policies() {
      @Override
      public boolean enabled() {
        return true;
      }

      @Override
      public Policy policyFor(String provider, String model, String host) {
        return policy;
      }

      @Override
      public int queueMax() {
        return queueMax;
      }
    };
  }

  /**
   * @throws IllegalStateException when the agent would have failed
   */
  Fates ran() {
    Fates result = run();
    if (fault != null) {
      throw new IllegalStateException("the agent failed: " + fault, fault);
    }
    return result;
  }

  /** Of the size that the agent took the call for, and never the same twice. */
  private RequestContent body(int call) {
    long wanted = call < 0 ? 0 : (long) BYTES_A_TOKEN * calls.estimate(call);
    int length = (int) Math.max(LEAST_BYTES, Math.min(MOST_BYTES, wanted));
    if (body.length < length) {
      body = new byte[Math.max(length, Math.min(MOST_BYTES, 2 * body.length))];
    }
    for (int i = 0; i < Integer.BYTES; i++) {
      body[i] = (byte) (call >>> 8 * i | 0x80); // no JSON begins so
    }
    for (int i = 0; i < Integer.BYTES; i++) {
      body[Integer.BYTES + i] = (byte) (call >>> 8 * i);
    }
    return new RequestContent(body, length);
  }

  @Override
  void arrived(int call) {
    CallExecution execution =
        room.begin(
            new RequestInfo(
                Client.JDK,
                endpoint,
                "POST",
                "api." + dialect + ".com",
                Headers.NONE,
                true,
                RequestInfo.NO_DEADLINE,
                false),
            body(call),
            null);
    if (execution == null) {
      send(call);
      return;
    }
    Held held = new Held(execution);
    open.put(call, held);
    follow(call, held, execution.start());
  }

  private void follow(int call, Held held, Step step) {
    if (step instanceof Step.Send) {
      send(call);
    } else if (step instanceof Step.Wait wait) {
      long since = time.nanos();
      holds(call);
      wait.ticket()
          .whenReady(
              () ->
                  time.at(
                      time.nanos(),
                      () -> {
                        letsGo(call);
                        held.waited += time.nanos() - since;
                        follow(call, held, held.execution.resumed(wait.ticket()));
                      }));
    } else {
      open.remove(call);
      failed(call);
    }
  }

  @Override
  void served(int call, Reply reply) {
    Held held = open.get(call);
    if (held != null) {
      Headers headers = MapHeaders.ofSingles(reply.headers());
      held.tap = tells(call) ? held.execution.tap(reply.status(), headers) : null;
      held.execution.served(reply.status(), headers, 0);
    }
  }

  @Override
  void ended(int call) {
    Held held = open.remove(call);
    done(call, held == null ? 0 : held.waited);
    if (held == null) {
      return;
    }
    BodyTap tap = held.tap;
    if (tap != null) {
      byte[] usage = usage(call).getBytes(StandardCharsets.US_ASCII);
      tap.bytes(usage, 0, usage.length);
      tap.end(true);
    }
    held.execution.ended();
  }

  /**
   * Whether an answer's usage is read. All is where outputs are settled by it; else estimates are
   * learned from the last few, and reading each would take a third of the whole run.
   */
  private boolean tells(int call) {
    return call >= 0
        && (dialect.equals("anthropic") || call < FIRST_TOLD || call % TOLD_AFTER == 0);
  }

  /** What was used, as the dialect says it; OpenAI's limit knows no output beside the request. */
  private String usage(int call) {
    return dialect.equals("anthropic")
        ? "{\"usage\":{\"input_tokens\":"
            + calls.input(call)
            + ",\"output_tokens\":"
            + calls.output(call)
            + "}}"
        : "{\"usage\":{\"prompt_tokens\":" + calls.requested(call) + ",\"completion_tokens\":0}}";
  }

  @Override
  void refused(int call, Reply reply) {
    Held held = open.get(call);
    if (held == null) {
      failed(call);
      return;
    }
    byte[] text = reply.body().getBytes(StandardCharsets.UTF_8);
    follow(
        call,
        held,
        held.execution.answered(
            new ProviderResponse(reply.status(), MapHeaders.ofSingles(reply.headers()), text, true),
            0));
  }
}
