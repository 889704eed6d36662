package dev.paceline.simulation;

import dev.paceline.call.BodyTap;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Content;
import dev.paceline.call.Course;
import dev.paceline.call.Outgoing;
import dev.paceline.call.Policies;
import dev.paceline.call.Step;
import dev.paceline.call.VirtualTime;
import dev.paceline.config.FamilyMode;
import dev.paceline.config.Mode;
import dev.paceline.config.OnDeadline;
import dev.paceline.config.Policy;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.sim.Api;
import dev.paceline.sim.Ask;
import dev.paceline.sim.Decision;
import dev.paceline.sim.Manners;
import dev.paceline.sim.Plan;
import dev.paceline.sim.Reply;
import dev.paceline.sim.Simulated;
import dev.paceline.sim.Speech;
import dev.paceline.words.Answer;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One application that calls several models of one key, and a provider where some of them draw on
 * one bucket, or none: the product's own calls and lanes in virtual time.
 */
final class FamilyWorld {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  private static final Endpoint ENDPOINT = new Endpoint("openai", Operation.GENERATION, "", "");

  /** One call of the application: a model, and words of its prompt. */
  record Asked(int model, int tokens) {}

  /** What the application does, and what becomes of it. */
  interface Application {
    void begin(FamilyWorld world);
  }

  final VirtualTime time = new VirtualTime();
  final Random random;
  final List<String> said = new ArrayList<>();

  /** Calls begun when models were first paced as one; -1 for never. */
  int joinedAfter = -1;

  /** Instants at which models were first paced as one and apart again; -1 for never. */
  long joinedAt = -1;

  long partedAt = -1;
  int joins;
  int parts;
  int begun;
  int served;
  int failed;
  int rejections;

  private final Simulated provider;
  private final Speech speech;
  private final Calls calls;
  private final int[] bucketOf;
  private final long jitter;
  private final long service;
  private final double lost;
  private final Map<Course, Runnable> after = new HashMap<>();

  /**
   * @param buckets the bucket of each model
   * @param jitter mean of the random part of a way, nanoseconds
   * @param service median time of an answer, nanoseconds
   * @param lost part of the answers that never arrive
   */
  FamilyWorld(
      FamilyMode mode,
      Plan plan,
      Manners manners,
      int[] buckets,
      long jitter,
      long service,
      double lost,
      long seed) {
    this.random = new Random(seed);
    this.provider = new Simulated(plan, 0);
    this.speech = Speech.of("openai", manners);
    this.bucketOf = buckets.clone();
    this.jitter = jitter;
    this.service = service;
    this.lost = lost;
    Random chance = new Random(seed * 13 + 1);
    Policy policy =
        new Policy(
            true,
            Mode.ENFORCE,
            6,
            120 * SECOND,
            true,
            120 * SECOND,
            SECOND,
            SECOND / 2,
            60 * SECOND,
            0.25,
            OnDeadline.AUTO,
            "");
    this.calls =
        new Calls(
            time,
            time,
            chance::nextDouble,
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
              public FamilyMode families() {
                return mode;
              }
            },
            new CallListener() {
              @Override
              public void fault(String component, Throwable fault) {
                throw new AssertionError(component, fault);
              }
            },
            new Recognizer(),
            new Classifier(),
            String::hashCode,
            this::hear,
            () -> {});
  }

  private void hear(String line) {
    said.add(time.nanos() / SECOND + " s: " + line);
    if (line.contains("as one") && !line.contains("seem")) {
      joins++;
      joinedAfter = joinedAfter < 0 ? begun : joinedAfter;
      joinedAt = joinedAt < 0 ? time.nanos() : joinedAt;
    } else if (line.contains("paced apart")) {
      parts++;
      partedAt = partedAt < 0 ? time.nanos() : partedAt;
    }
  }

  /** Models drawn together, each with its own queue or as one. */
  int lanes() {
    return calls.view().size();
  }

  /** From now on this model draws on another bucket. */
  void moves(int model, int bucket) {
    bucketOf[model] = bucket;
  }

  FamilyWorld run(Application application, long until) {
    application.begin(this);
    int steps = 0;
    while (time.next() && time.nanos() < until) {
      if (steps++ > 20_000_000) {
        throw new AssertionError(
            "does not end at "
                + time.nanos()
                + " alarms "
                + time.alarms()
                + " begun "
                + begun
                + " served "
                + served
                + " failed "
                + failed);
      }
    }
    return this;
  }

  /** Somebody else's request, that our process does not see. */
  void neighbour(int bucket, int tokens) {
    provider.arrive(time.nanos(), "bucket" + bucket, tokens);
  }

  /** The application calls; {@code then} runs when it has its answer, or none. */
  void call(Asked asked, Runnable then) {
    int number = begun++;
    String body =
        "{\"model\":\"m"
            + asked.model
            + "\",\"max_tokens\":1,\"n\":"
            + number
            + ",\"input\":\""
            + "word ".repeat(asked.tokens)
            + "\"}";
    Course course =
        calls.begin(
            new Outgoing(
                Client.JDK,
                ENDPOINT,
                "POST",
                "api.openai.com",
                Paceline.headers(Map.of("authorization", "Bearer sk-fake")),
                true,
                time.nanos() + 120 * SECOND,
                false),
            Content.of(body.getBytes(StandardCharsets.UTF_8)),
            null);
    if (course == null) {
      throw new AssertionError("the call was let pass");
    }
    after.put(course, then);
    follow(asked, course, course.start());
  }

  private void follow(Asked asked, Course course, Step step) {
    if (step instanceof Step.Send) {
      time.at(time.nanos() + way(), () -> arrive(asked, course));
    } else if (step instanceof Step.Wait wait) {
      wait.ticket()
          .whenReady(
              () ->
                  time.at(
                      time.nanos(), () -> follow(asked, course, course.resumed(wait.ticket()))));
    } else {
      failed++;
      done(course);
    }
  }

  private void arrive(Asked asked, Course course) {
    String bucket = "bucket" + bucketOf[asked.model];
    long tokens = Math.max(1, Math.round(asked.tokens * (0.9 + 0.2 * random.nextDouble())));
    Decision decision = provider.arrive(time.nanos(), bucket, tokens);
    Ask ask = new Ask(Api.EMBEDDINGS, "m" + asked.model, false, true, tokens, begun);
    Reply reply = speech.answer(ask, decision, time.epochMillis());
    if (!decision.accepted()) {
      rejections++;
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      time.at(
          time.nanos() + 20 * MILLI + way(),
          () ->
              follow(
                  asked,
                  course,
                  course.answered(
                      new Answer(reply.status(), Paceline.headers(reply.headers()), body, true),
                      0)));
      return;
    }
    long takes = (long) Math.max(50 * MILLI, service * StrictMath.exp(0.6 * random.nextGaussian()));
    boolean gone = random.nextDouble() < lost;
    time.at(time.nanos() + takes, () -> provider.done(time.nanos(), bucket));
    time.at(
        time.nanos() + takes + way(),
        () -> {
          if (gone) {
            course.failed(false);
            failed++;
          } else {
            Headers headers = Paceline.headers(reply.headers());
            BodyTap tap = course.tap(reply.status(), headers);
            course.served(reply.status(), headers, 0);
            served++;
            if (tap != null) {
              tap.bytes(ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)));
              tap.end(true);
            }
          }
          course.ended();
          done(course);
        });
  }

  private void done(Course course) {
    Runnable then = after.remove(course);
    if (then != null) {
      then.run();
    }
  }

  private long way() {
    return 10 * MILLI + (long) (jitter * StrictMath.exp(0.8 * random.nextGaussian() - 0.32));
  }

  // --- applications

  /** Calls of one model as a Poisson process. */
  static Application poisson(int model, double perSecond, int tokens, long until) {
    return world -> world.next(model, perSecond, tokens, until);
  }

  private void next(int model, double perSecond, int tokens, long until) {
    long at = time.nanos() + (long) (-StrictMath.log(1 - random.nextDouble()) / perSecond * SECOND);
    if (at < until) {
      time.at(
          at,
          () -> {
            call(new Asked(model, tokens), () -> {});
            next(model, perSecond, tokens, until);
          });
    }
  }

  /** One thread that calls the models in turn, each when the one before is answered. */
  static Application inTurn(int models, int tokens, long pause, long until) {
    return world -> world.turn(0, models, tokens, pause, until);
  }

  private void turn(int model, int models, int tokens, long pause, long until) {
    if (time.nanos() >= until) {
      return;
    }
    call(
        new Asked(model, tokens),
        () ->
            time.at(
                time.nanos() + Math.max(pause, 50 * MILLI),
                () -> turn((model + 1) % models, models, tokens, pause, until)));
  }

  /** All models at once, again and again. */
  static Application inStep(int models, int tokens, long every, long apart, long until) {
    return world -> world.step(models, tokens, every, apart, until);
  }

  private void step(int models, int tokens, long every, long apart, long until) {
    if (time.nanos() >= until) {
      return;
    }
    for (int model = 0; model < models; model++) {
      int asked = model;
      time.at(time.nanos() + model * apart, () -> call(new Asked(asked, tokens), () -> {}));
    }
    time.at(time.nanos() + every, () -> step(models, tokens, every, apart, until));
  }

  /** A burst of every model, again and again. */
  static Application bursts(int models, int calls, int tokens, long every, long until) {
    return world -> world.burst(models, calls, tokens, every, until);
  }

  private void burst(int models, int calls, int tokens, long every, long until) {
    if (time.nanos() >= until) {
      return;
    }
    for (int i = 0; i < calls; i++) {
      call(new Asked(random.nextInt(models), tokens), () -> {});
    }
    time.at(time.nanos() + every, () -> burst(models, calls, tokens, every, until));
  }

  /** Somebody else on one bucket, as a Poisson process. */
  static Application others(int bucket, double perSecond, int tokens, long until) {
    return world -> world.other(bucket, perSecond, tokens, until);
  }

  private void other(int bucket, double perSecond, int tokens, long until) {
    long at = time.nanos() + (long) (-StrictMath.log(1 - random.nextDouble()) / perSecond * SECOND);
    if (at < until) {
      time.at(
          at,
          () -> {
            neighbour(bucket, tokens);
            other(bucket, perSecond, tokens, until);
          });
    }
  }

  /** Another process that calls the models in turn as {@link #inTurn} does, unseen by ours. */
  static Application otherInTurn(int[] buckets, int tokens, long takes, long until) {
    return world -> world.otherTurn(0, buckets, tokens, takes, until);
  }

  private void otherTurn(int model, int[] buckets, int tokens, long takes, long until) {
    if (time.nanos() < until) {
      neighbour(buckets[model], tokens);
      long at =
          time.nanos()
              + (long) Math.max(MILLI, takes * StrictMath.exp(0.6 * random.nextGaussian()));
      time.at(at, () -> otherTurn((model + 1) % buckets.length, buckets, tokens, takes, until));
    }
  }

  static Application together(Application... all) {
    return world -> {
      for (Application one : all) {
        one.begin(world);
      }
    };
  }
}
