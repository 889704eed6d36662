package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.Policy;
import dev.paceline.config.Settings;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import dev.paceline.words.ProviderResponse;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/**
 * 350 calls a second over 1,000 keys in virtual time (a tenth of both in the unit tests): served,
 * overloaded (529), limited (429) and cancelled before, in and after a queue. The memory that is
 * left alive must not grow. The unit tests make 60,000 calls; {@code -Pacceptance} ten million,
 * which are eight hours.
 */
class HeapSoakTest {
  private static final int CALLS = Integer.getInteger("soak.calls", 60_000);
  private static final int SCOPES = Math.min(1_000, CALLS / 600);

  /** Each key is used 21 times a minute. */
  private static final long GAP = VirtualTime.SECOND * 20 / 7 / SCOPES;

  private static final long REFILL = 2 * VirtualTime.SECOND;

  /** By the first look every scope has been used, has learned its limit, and has met refusals. */
  private static final int LOOKS = 4;

  /** Objects of a class: how many more may live at a later look than at the first. */
  private static final double MOST_GROWTH = 1.25;

  private static final int NOISE = 4 * SCOPES;

  /**
   * Follows a window in at most 60 parts: as many as fell into it, so it has a bound of its own.
   */
  private static final String USAGE_BY_AGE = "dev.paceline.limit.ExternalUsage$Part";

  private static final long PARTS_A_SCOPE = 60;

  private final VirtualTime time = new VirtualTime();
  private final Random random = new Random(42);
  private final List<Throwable> faults = new ArrayList<>();
  private final List<Headers> keys = new ArrayList<>();
  private final long[] left = new long[SCOPES];
  private final long[] filledAt = new long[SCOPES];
  private final int[] fates = new int[5];
  private final Calls calls = calls();

  private Calls calls() {
    Policy policy = Settings.defaults().policyFor("openai", "m", "");
    return new Calls(
        time,
        time,
        random::nextDouble,
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
          public int scopesMax() {
            return 2 * SCOPES;
          }
        },
        new CallListener() {
          @Override
          public void fault(String component, Throwable fault) {
            faults.add(fault);
          }
        },
        new Recognizer(),
        new Classifier(),
        String::hashCode,
        line -> faults.add(new AssertionError(line)),
        () -> {});
  }

  @Test
  void whatLivesDoesNotGrowAndNothingIsLeftOut() throws Exception {
    for (int i = 0; i < SCOPES; i++) {
      keys.add(TestCalls.headers(Map.of("Authorization", "Bearer sk-fake-" + i)));
      left[i] = 60;
    }
    Map<String, Long> first = Map.of();
    for (int call = 0; call < CALLS; call++) {
      time.pass(GAP);
      call(call);
      if ((call + 1) % (CALLS / LOOKS) == 0) {
        Map<String, Long> alive = alive();
        assertThat(calls.view()).hasSizeLessThanOrEqualTo(SCOPES);
        if (first.isEmpty()) {
          first = alive;
        } else {
          assertNoGrowth(first, alive, call + 1);
        }
      }
    }
    while (time.next()) {
      // whoever waits still
    }
    CallsSnapshot end = calls.snapshot();
    System.out.printf(
        "%,d calls in %.1f h of virtual time: %d served, %d x 529, %d x 429, %d cancelled, %d"
            + " local; objects of ours alive %,d, then %,d%n",
        CALLS,
        time.nanos() / 3.6e12,
        fates[0],
        fates[1],
        fates[2],
        fates[3],
        fates[4],
        sum(first),
        sum(alive()));
    assertThat(faults).isEmpty();
    assertThat(end.callsStarted()).isEqualTo(CALLS);
    assertThat(end.atRest()).as(end.toString()).isTrue();
    assertThat(end.permitsOutstanding()).isZero();
    for (int fate : fates) {
      assertThat(fate).isPositive();
    }
  }

  private void call(int number) {
    int key = random.nextInt(SCOPES);
    CallExecution call =
        calls.begin(
            new RequestInfo(
                Client.JDK,
                new Endpoint("openai", Operation.GENERATION, "m", ""),
                "POST",
                "api.openai.com",
                keys.get(key),
                true,
                RequestInfo.NO_DEADLINE,
                true),
            RequestContent.of(("{\"n\":" + number + "}").getBytes(StandardCharsets.UTF_8)),
            null);
    assertThat(call).isNotNull();
    Step step = call.start();
    if (random.nextInt(20) == 0) { // on the wire or in the queue
      long later = random.nextInt(3_000) * VirtualTime.MILLI;
      time.at(time.nanos() + later, () -> cancel(call));
    }
    follow(key, call, step);
  }

  private void cancel(CallExecution call) {
    call.cancelled();
  }

  private void follow(int key, CallExecution call, Step step) {
    if (step instanceof Step.Send) {
      long answer = (200 + random.nextInt(2_000)) * VirtualTime.MILLI;
      time.at(time.nanos() + answer, () -> answered(key, call));
    } else if (step instanceof Step.Wait wait) {
      wait.ticket()
          .whenReady(
              () -> time.at(time.nanos(), () -> follow(key, call, call.resumed(wait.ticket()))));
    } else if (step instanceof Step.Cancel) {
      fates[3]++;
    } else {
      fates[4]++;
    }
  }

  /** A bucket of 60 that gets 30 a minute, of which 21 are asked for and others take some. */
  private void answered(int key, CallExecution call) {
    long whole = (time.nanos() - filledAt[key]) / REFILL;
    filledAt[key] += whole * REFILL;
    left[key] = Math.min(60, left[key] + whole);
    if (random.nextInt(25) == 0) {
      fates[1]++;
      refused(key, call, 529, Map.of(), "{\"error\":{\"type\":\"overloaded_error\"}}");
      return;
    }
    if (left[key] == 0) {
      fates[2]++;
      refused(
          key,
          call,
          429,
          Map.of("retry-after", "3"),
          "{\"error\":{\"message\":\"Rate limit reached\",\"code\":\"rate_limit_exceeded\"}}");
      return;
    }
    left[key]--;
    fates[0]++;
    call.served(
        200,
        TestCalls.headers(
            Map.of(
                "x-ratelimit-limit-requests",
                "60",
                "x-ratelimit-remaining-requests",
                Long.toString(left[key]),
                "x-ratelimit-reset-requests",
                (60 - left[key]) * 2 + "s")),
        0);
    if (random.nextInt(30) == 0) {
      left[key] = 0; // somebody else has taken what was left
    }
  }

  private void refused(
      int key, CallExecution call, int status, Map<String, String> headers, String body) {
    follow(
        key,
        call,
        call.answered(
            new ProviderResponse(
                status, TestCalls.headers(headers), body.getBytes(StandardCharsets.UTF_8), true),
            0));
  }

  private static long sum(Map<String, Long> alive) {
    return alive.values().stream().mapToLong(Long::longValue).sum();
  }

  private static void assertNoGrowth(Map<String, Long> first, Map<String, Long> later, int calls) {
    later.forEach(
        (name, count) ->
            assertThat(count)
                .as("%s after %,d calls", name, calls)
                .isLessThanOrEqualTo(
                    name.equals(USAGE_BY_AGE)
                        ? PARTS_A_SCOPE * SCOPES
                        : (long) (first.getOrDefault(name, 0L) * MOST_GROWTH) + NOISE));
  }

  /** Live objects of our classes, after a collection, by class. */
  private static Map<String, Long> alive() throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, Long> alive = new TreeMap<>();
    for (String line : histogram.split("\n")) {
      String[] columns = line.trim().split("\\s+");
      if (columns.length >= 4 && columns[3].startsWith("dev.paceline.")) {
        alive.merge(columns[3], Long.parseLong(columns[1]), Long::sum);
      }
    }
    return alive;
  }
}
