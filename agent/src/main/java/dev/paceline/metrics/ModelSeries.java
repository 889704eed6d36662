package dev.paceline.metrics;

import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.TokenKind;
import dev.paceline.call.CallListener.TokenType;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Client;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The adders of one provider and model, found once and then written by index.
 *
 * <p>Counters exist with value 0 from the model's first call on: Prometheus' {@code increase()}
 * does not see the first 429 of a series that begins with it. Left for their first event are the
 * histograms (15 series each) and the rows of the client and the source that a process may never
 * use.
 */
final class ModelSeries {
  /** Kept, for {@code values()} makes a new array each time. */
  private static final int WAIT_REASONS = WaitReason.values().length;

  private static final double MILLIONTHS = 1e6;

  private final Meters meters;
  private final String provider;
  private final String model;

  private final LongAdder[] limitedUpstream;
  private final LongAdder[] attempts;
  private final LongAdder[] retries;
  private final LongAdder[] giveUps;
  private final LongAdder tooLarge;
  private final LongAdder repeated;
  private final LongAdder[] avoidable;
  private final LongAdder[] failed = new LongAdder[Failure.values().length];
  private final Buckets totalTimes = new Buckets(Buckets.ANSWER_SECONDS);
  private final Buckets ownTimes = new Buckets(Buckets.ANSWER_SECONDS);
  private final LongAdder inflight = new LongAdder();

  /** 0 observe, 1 enforce: how the newest call was handled. */
  private volatile int enforced;

  private final AtomicReferenceArray<LongAdder @Nullable []> calls =
      new AtomicReferenceArray<>(Client.values().length);
  private final AtomicReferenceArray<@Nullable Buckets> waits =
      new AtomicReferenceArray<>(Limit.values().length * WAIT_REASONS);
  private volatile LongAdder @Nullable [] limitedLocal;
  private final LongAdder[][] tokens = new LongAdder[TokenKind.values().length][];
  private volatile @Nullable Buckets sizes;
  private volatile @Nullable Buckets ratios;

  ModelSeries(Meters meters, String provider, String model, boolean enforcing) {
    this.enforced = enforcing ? 1 : 0;
    this.meters = meters;
    this.provider = provider;
    this.model = model;
    this.limitedUpstream = limitedBy(Source.UPSTREAM);
    this.attempts = meters.counters(Metric.ATTEMPTS, provider, model);
    this.retries = meters.counters(Metric.RETRIES, provider, model);
    this.giveUps = meters.counters(Metric.GIVE_UPS, provider, model);
    this.tooLarge = meters.counter(Metric.TOO_LARGE, provider, model);
    this.repeated = meters.counter(Metric.REPEATED_CALLS, provider, model);
    this.avoidable = meters.counters(Metric.OBSERVE_AVOIDABLE, provider, model);
    for (TokenKind kind : TokenKind.values()) {
      tokens[kind.ordinal()] =
          meters.counters(Metric.TOKENS, provider, model, Metric.Key.lower(kind));
    }
    for (Failure failure : Failure.values()) {
      failed[failure.ordinal()] =
          meters.counter(
              Metric.FAILED_CALLS,
              provider,
              model,
              Metric.Key.lower(failure.by()),
              Metric.Key.lower(failure));
    }
    meters.gauge(
        Metric.MODEL_MODE,
        new DoubleSupplier() {
          @Override
          public double getAsDouble() {
            return enforced;
          }
        },
        provider,
        model);
    meters.gauge(
        Metric.INFLIGHT,
        new DoubleSupplier() {
          @Override
          public double getAsDouble() {
            // sum() is no snapshot: it may see the end of an attempt before its start.
            return Math.max(0, inflight.sum());
          }
        },
        provider,
        model);
  }

  /** Makes the zero series of the client's outcomes. */
  void started(Client client) {
    outcomes(client);
  }

  void ended(Client client, Outcome outcome) {
    outcomes(client)[outcome.ordinal()].increment();
  }

  void handled(boolean enforcing) {
    int now = enforcing ? 1 : 0;
    if (enforced != now) {
      enforced = now;
    }
  }

  /** 0 observe, 1 enforce. */
  boolean enforced() {
    return enforced == 1;
  }

  void failed(Failure failure) {
    failed[failure.ordinal()].increment();
  }

  void served(long nanos, long waitedNanos) {
    totalTimes.record(nanos);
    ownTimes.record(nanos - waitedNanos);
  }

  void sent() {
    inflight.increment();
  }

  void answered(int status) {
    inflight.decrement();
    attempts[StatusClass.of(status).ordinal()].increment();
  }

  void limited(Limit limit, Source source) {
    LongAdder[] row = source == Source.UPSTREAM ? limitedUpstream : local();
    row[limit.ordinal()].increment();
  }

  void waited(Limit limit, WaitReason reason, long nanos) {
    int i = limit.ordinal() * WAIT_REASONS + reason.ordinal();
    Buckets buckets = waits.get(i);
    if (buckets == null) {
      buckets =
          meters.timer(
              Metric.WAIT,
              Buckets.WAIT_SECONDS,
              provider,
              model,
              limit.tag(),
              Metric.Key.lower(reason));
      waits.set(i, buckets);
    }
    buckets.record(nanos);
  }

  void retried(RetryReason reason) {
    retries[reason.ordinal()].increment();
  }

  void gaveUp(GiveUpReason reason) {
    giveUps[reason.ordinal()].increment();
  }

  void tooLarge() {
    tooLarge.increment();
  }

  void repeated() {
    repeated.increment();
  }

  void avoidable(Remedy by) {
    avoidable[by.ordinal()].increment();
  }

  String provider() {
    return provider;
  }

  String model() {
    return model;
  }

  /** Everything that {@link History} keeps, as it stands now. */
  long[] totals() {
    long[] totals = new long[Totals.SIZE];
    for (int i = 0; i < calls.length(); i++) {
      LongAdder[] row = calls.get(i);
      for (int j = 0; row != null && j < row.length; j++) {
        totals[Totals.CALLS] += row[j].sum();
      }
    }
    for (StatusClass status : StatusClass.values()) {
      long count = attempts[status.ordinal()].sum();
      totals[Totals.ATTEMPTS] += count;
      if (status == StatusClass.SERVER_ERROR || status == StatusClass.OVERLOADED) {
        totals[Totals.SERVER_ERRORS] += count;
      }
    }
    for (int i = 0; i < limitedUpstream.length; i++) {
      totals[Totals.LIMITED + i] = limitedUpstream[i].sum();
    }
    totals[Totals.RETRIES] = sum(retries);
    totals[Totals.GIVE_UPS] = sum(giveUps);
    totals[Totals.REPEATED] = repeated.sum();
    for (int i = 0; i < avoidable.length; i++) {
      totals[Totals.AVOIDABLE + i] = avoidable[i].sum();
    }
    for (int i = 0; i < waits.length(); i++) {
      Buckets buckets = waits.get(i);
      if (buckets != null) {
        buckets.addTo(totals, Totals.WAITS);
        totals[Totals.WAIT_MILLIS] += buckets.sumMillis();
      }
    }
    for (int i = 0; i < failed.length; i++) {
      totals[Totals.FAILED + i] = failed[i].sum();
    }
    totalTimes.addTo(totals, Totals.TOTAL_TIMES);
    ownTimes.addTo(totals, Totals.OWN_TIMES);
    return totals;
  }

  private static long sum(LongAdder[] adders) {
    long sum = 0;
    for (LongAdder adder : adders) {
      sum += adder.sum();
    }
    return sum;
  }

  void tokens(TokenKind kind, long input, long cached, long output) {
    LongAdder[] row = tokens[kind.ordinal()];
    row[TokenType.INPUT.ordinal()].add(input);
    row[TokenType.CACHED.ordinal()].add(cached);
    row[TokenType.OUTPUT.ordinal()].add(output);
  }

  /** The estimated size of a request. */
  void size(long tokens) {
    Buckets buckets = sizes;
    if (buckets == null) {
      buckets = meters.histogram(Metric.REQUEST_TOKENS, Buckets.TOKENS, 1, provider, model);
      sizes = buckets;
    }
    buckets.record(tokens);
  }

  void ratio(double actualByEstimated) {
    Buckets buckets = ratios;
    if (buckets == null) {
      buckets =
          meters.histogram(
              Metric.TOKEN_ESTIMATE_RATIO, Buckets.RATIOS, MILLIONTHS, provider, model);
      ratios = buckets;
    }
    buckets.record(Math.round(Math.min(1_000, actualByEstimated) * MILLIONTHS));
  }

  private LongAdder[] outcomes(Client client) {
    LongAdder[] row = calls.get(client.ordinal());
    if (row == null) {
      row = meters.counters(Metric.CALLS, provider, model, client.tag());
      calls.set(client.ordinal(), row);
    }
    return row;
  }

  private LongAdder[] local() {
    LongAdder[] row = limitedLocal;
    if (row == null) {
      row = limitedBy(Source.LOCAL);
      limitedLocal = row;
    }
    return row;
  }

  private LongAdder[] limitedBy(Source source) {
    return meters.counters(Metric.RATE_LIMITED, provider, model, Metric.Key.lower(source));
  }
}
