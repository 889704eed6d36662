package dev.paceline.simulation;

import dev.paceline.call.CallExecution;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Clock;
import dev.paceline.call.Limiters;
import dev.paceline.call.Policies;
import dev.paceline.call.RequestContent;
import dev.paceline.call.RequestInfo;
import dev.paceline.call.Step;
import dev.paceline.call.Timer;
import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.limit.LevelProbe;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.sim.Reply;
import dev.paceline.sim.ShownLevel;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.MapHeaders;
import dev.paceline.words.Operation;
import dev.paceline.words.ProviderResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The product: its calls, queues, budgets and parsers, driven as an adapter drives them. */
final class Paceline implements Wire.Client {
  private static final Endpoint ENDPOINT = new Endpoint("openai", Operation.GENERATION, "", "");

  private final Wire wire;
  private final int jvm;
  final Calls calls;
  final ProcessTime process;
  private final Map<Job, CallExecution> courses = new HashMap<>();
  private @Nullable CallExecution newest;

  /**
   * @param bounds what a person has typed
   */
  Paceline(Wire wire, int jvm, long seed, Bounds bounds) {
    this.wire = wire;
    this.jvm = jvm;
    this.process = new ProcessTime(wire.time);
    Random random = new Random(seed * 13 + jvm);
    long second = Wire.SECOND;
    Policy policy =
        new Policy(
            true,
            Mode.ENFORCE,
            6,
            wire.scenario.patience() * second,
            true,
            wire.scenario.patience() * second,
            second,
            second / 2,
            60 * second,
            0.25,
            OnDeadline.AUTO,
            false,
            false,
            "",
            bounds);
    this.calls =
        strict(
            wire.time,
            process,
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
            });
  }

  /** Calls of which every fault and every line fails the test. */
  static Calls strict(Clock clock, Timer timer, Random random, Policies policies) {
    return new Calls(
        clock,
        timer,
        random::nextDouble,
        policies,
        new CallListener() {
          @Override
          public void fault(String component, Throwable fault) {
            throw new AssertionError(component, fault);
          }
        },
        new Recognizer(),
        new Classifier(),
        String::hashCode,
        line -> {
          throw new AssertionError(line);
        },
        () -> {});
  }

  /** What is left, as its limiter thinks, against what the provider has left. */
  void compare(LevelProbe probe, List<ShownLevel> truth) {
    if (newest == null) {
      return;
    }
    probe.sample(
        Limiters.of(newest),
        wire.time.nanos(),
        truth,
        level ->
            level.limit() == Limit.RPM ? wire.requestsOnTheWay[jvm] : wire.tokensOnTheWay[jvm]);
  }

  @Override
  public boolean reads() {
    return true;
  }

  @Override
  public void arrived(Job job) {
    process.run(() -> nowArrived(job));
  }

  private void nowArrived(Job job) {
    byte[] body = new byte[(int) Math.max(12, 4 * job.estimate)];
    byte[] number = Integer.toString(job.number).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(number, 0, body, 0, number.length);
    CallExecution course =
        calls.begin(
            new RequestInfo(
                Client.JDK,
                ENDPOINT,
                "POST",
                "api.openai.com",
                Headers.NONE,
                true,
                job.answerBy,
                false),
            RequestContent.of(body),
            null);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    if (job.stream) {
      course.holdPlace();
    }
    courses.put(job, course);
    newest = course;
    follow(job, course, course.start());
  }

  private void follow(Job job, CallExecution course, Step step) {
    if (step instanceof Step.Send) {
      wire.send(job, this);
    } else if (step instanceof Step.Wait wait) {
      wait.ticket()
          .whenReady(
              () ->
                  process.at(
                      wire.time.nanos(), () -> follow(job, course, course.resumed(wait.ticket()))));
    } else {
      job.failed = true;
      courses.remove(job);
    }
  }

  @Override
  public void served(Job job, Reply reply) {
    process.run(() -> nowServed(job, reply));
  }

  private void nowServed(Job job, Reply reply) {
    CallExecution course = courses.get(job);
    if (course != null) {
      course.served(reply.status(), headers(reply.headers()), 0);
    }
  }

  @Override
  public void ended(Job job) {
    process.run(() -> nowEnded(job));
  }

  private void nowEnded(Job job) {
    CallExecution course = courses.remove(job);
    if (course != null) {
      course.ended();
    }
  }

  @Override
  public void rejected(Job job, Reply reply) {
    process.run(() -> nowRejected(job, reply));
  }

  private void nowRejected(Job job, Reply reply) {
    CallExecution course = courses.get(job);
    if (course != null) {
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      follow(
          job,
          course,
          course.answered(
              new ProviderResponse(reply.status(), headers(reply.headers()), body, true), 0));
    }
  }

  @Override
  public void lost(Job job) {
    process.run(() -> nowLost(job));
  }

  private void nowLost(Job job) {
    CallExecution course = courses.get(job);
    if (course != null) {
      follow(job, course, course.failed(false));
    }
  }

  static Headers headers(Map<String, String> values) {
    return MapHeaders.ofSingles(values);
  }
}
