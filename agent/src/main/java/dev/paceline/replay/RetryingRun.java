package dev.paceline.replay;

import dev.paceline.sim.Reply;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Without the agent: an SDK at its defaults. Two retries, after {@code Retry-After} when that is at
 * most a minute, else after 0.5 s doubling to 8 s, less a random quarter: openai-java,
 * anthropic-java and their like.
 */
final class RetryingRun extends ReplayRun {
  private static final int ATTEMPTS = 3;
  private static final long LONGEST_HINT = 60 * SECOND;
  private static final double FIRST_SECONDS = 0.5;
  private static final double MOST_SECONDS = 8;
  private static final double JITTER = 0.25;

  private static final class Tried {
    int attempts = 1;
    long waited;
  }

  /** Only calls that were refused. */
  private final Map<Integer, Tried> tried = new HashMap<>();

  private final Random random = new Random(1);

  RetryingRun(Arrivals calls, ReplayLimits limits) {
    super(calls, limits, true);
  }

  @Override
  void arrived(int call) {
    send(call);
  }

  @Override
  void ended(int call) {
    Tried before = tried.remove(call);
    done(call, before == null ? 0 : before.waited);
  }

  @Override
  void refused(int call, Reply reply) {
    Tried before = tried.computeIfAbsent(call, none -> new Tried());
    if (before.attempts == ATTEMPTS) {
      tried.remove(call);
      failed(call);
      return;
    }
    long wait = wait(before.attempts, reply);
    before.attempts++;
    before.waited += wait;
    holds(call);
    time.at(
        time.nanos() + wait,
        () -> {
          letsGo(call);
          send(call);
        });
  }

  private long wait(int attempts, Reply reply) {
    String millis = reply.headers().get("retry-after-ms");
    String seconds = reply.headers().get("retry-after");
    long hint = millis != null ? number(millis) * MILLI : number(seconds) * SECOND;
    if (hint > 0 && hint <= LONGEST_HINT) {
      return hint;
    }
    double backoff = Math.min(MOST_SECONDS, FIRST_SECONDS * (1 << (attempts - 1)));
    return (long) (backoff * (1 - JITTER * random.nextDouble()) * SECOND);
  }

  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException date) {
      return 0;
    }
  }
}
