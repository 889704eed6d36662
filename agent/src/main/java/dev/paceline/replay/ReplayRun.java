package dev.paceline.replay;

import dev.paceline.sim.Api;
import dev.paceline.sim.Decision;
import dev.paceline.sim.Load;
import dev.paceline.sim.Reply;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.sim.ResponseWriter;
import dev.paceline.sim.ShownLevel;
import dev.paceline.sim.SimRequest;
import dev.paceline.sim.Simulated;

/**
 * One run of a model's calls in virtual time: they arrive when they did, the provider decides, and
 * the subclass sends as who it plays would.
 */
abstract class ReplayRun {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;
  static final String MODEL = "m";

  /** From sending to arriving at the provider. */
  private static final long WAY = 2 * MILLI;

  /** From sending to having a refusal. */
  private static final long REFUSAL = 20 * MILLI;

  /** A limit that is used above this is saturated. */
  private static final double SATURATED = 0.95;

  /** After the last arrival: whatever waits longer does not count as served. */
  private static final long LONGEST_END = 3 * 3_600 * SECOND;

  /**
   * Small calls that are made before the first of the record, so that an agent knows the limits: a
   * process that records has run before. Numbered below 0.
   */
  private static final int WARM_UP = 20;

  private static final long WARM_UP_EVERY = 6 * SECOND;

  /** Whole minutes, for fixed windows; what the warm-up used has come back by its end. */
  private static final long WARM_UP_NANOS = 5 * ReplayLimits.MINUTE_NANOS;

  private static final long WARM_UP_ANSWER = 500 * MILLI;

  final Arrivals calls;
  final ReplayTime time;
  final Fates fates;
  final String dialect;
  private final long origin;
  private final Simulated provider;
  private final ResponseWriter writer;
  private int waiting;
  private long nextSample;
  private long lastTaken;

  /**
   * @param cold whether whoever sends knows nothing of the limits yet
   */
  ReplayRun(Arrivals calls, ReplayLimits limits, boolean cold) {
    this.calls = calls;
    this.origin = cold ? 0 : WARM_UP_NANOS;
    this.time = new ReplayTime(calls.firstMillis() - origin / MILLI);
    this.fates = new Fates(calls);
    this.provider = new Simulated(limits.plan(), 0);
    this.dialect = limits.apart() ? "anthropic" : "openai";
    ResponseStyle manners = ResponseStyle.DOCUMENTED;
    this.writer =
        ResponseWriter.of(dialect, limits.hidden() ? manners.withoutLimitHeaders() : manners);
  }

  /** The application makes a call. */
  abstract void arrived(int call);

  /** Headers of a success. */
  void served(int call, Reply reply) {}

  /** Its answer has ended. */
  abstract void ended(int call);

  abstract void refused(int call, Reply reply);

  /** Runs until every call has its end, or a target that was set is missed. */
  final Fates run() {
    for (int i = 0; origin > 0 && i < WARM_UP; i++) {
      int call = -1 - i;
      time.at(i * WARM_UP_EVERY, () -> arrived(call));
    }
    nextSample = origin;
    int next = 0;
    long end = origin + LONGEST_END + (calls.size() == 0 ? 0 : calls.nanos(calls.size() - 1));
    while ((next < calls.size() || !fates.complete()) && !fates.missed()) {
      long arrival = next < calls.size() ? origin + calls.nanos(next) : ReplayTime.NONE;
      long alarm = time.next();
      long at = Math.min(arrival, alarm);
      if (at > end) {
        break;
      }
      sample(at);
      if (arrival <= alarm) {
        time.passTo(arrival);
        fates.progress.asked(arrival - origin, weight(next));
        arrived(next++);
      } else {
        time.runNext();
      }
    }
    fates.failRest();
    return fates;
  }

  /** What the picture counts: tokens where a limit counts them, else calls. */
  private long weight(int call) {
    return Math.max(1, calls.requested(call));
  }

  private void sample(long until) {
    if (waiting == 0 && until - lastTaken > 2 * ReplayLimits.MINUTE_NANOS) {
      nextSample = Math.max(nextSample, until - until % SECOND); // nothing was used meanwhile
    }
    for (; nextSample < until; nextSample += SECOND) {
      boolean saturated = waiting > 0;
      fates.progress.waiting(nextSample - origin, waiting);
      for (ShownLevel level : provider.levels(nextSample, MODEL)) {
        saturated |= level.remaining() < (1 - SATURATED) * level.max();
      }
      if (saturated) {
        fates.saturated(1_000);
      }
    }
  }

  /** The call is held, or waits before it is sent again. */
  final void holds(int call) {
    if (call >= 0) {
      waiting++;
      fates.progress.waiting(time.nanos() - origin, waiting);
    }
  }

  /** It is held no longer. */
  final void letsGo(int call) {
    waiting -= call >= 0 ? 1 : 0;
  }

  final void send(int call) {
    time.at(time.nanos() + WAY, () -> atProvider(call));
  }

  private void atProvider(int call) {
    long now = time.nanos();
    lastTaken = now;
    Decision decision =
        provider.arrive(
            now,
            MODEL,
            call < 0
                ? Load.of(1)
                : new Load(calls.requested(call), calls.input(call), calls.output(call)));
    Reply reply =
        writer.answer(
            new SimRequest(
                Api.EMBEDDINGS, MODEL, false, true, call < 0 ? 1 : calls.requested(call), call),
            decision,
            time.epochMillis());
    if (!decision.accepted()) {
      if (call >= 0 && decision instanceof Decision.TooLarge) {
        fates.tooLarge();
      } else if (call >= 0) {
        fates.limited();
      }
      time.at(now + REFUSAL - WAY, () -> refused(call, reply));
      return;
    }
    if (call >= 0) {
      fates.progress.served(now - origin, weight(call));
    }
    long head = Math.max(0, (call < 0 ? WARM_UP_ANSWER : calls.headMillis(call) * MILLI) - WAY);
    long whole =
        Math.max(head, (call < 0 ? WARM_UP_ANSWER : calls.serviceMillis(call) * MILLI) - WAY);
    time.at(now + head, () -> served(call, reply));
    time.at(
        now + whole,
        () -> {
          provider.done(time.nanos(), MODEL);
          ended(call);
        });
  }

  /** The application gets no answer. */
  final void failed(int call) {
    if (call >= 0) {
      fates.failed(call);
    }
  }

  /** The application has its answer, after such waits. */
  final void done(int call, long waitNanos) {
    if (call >= 0) {
      fates.served(call, waitNanos);
    }
  }
}
