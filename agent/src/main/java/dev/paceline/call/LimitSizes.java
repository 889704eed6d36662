package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.limit.Cost;
import dev.paceline.limit.LimiterView;
import dev.paceline.limit.ScopeLimiter;

/**
 * How large a scope's limits of a minute are, typed or announced: in parts of them calls are
 * compared that cost requests here and tokens there, so that tenants share what binds (dominant
 * resource fairness).
 */
final class LimitSizes {
  /** Announced limits change seldom, and looking costs a few objects. */
  private static final long LOOK_AGAIN = 1_000_000_000L;

  /** Where no limit is known: any number serves, since all calls are measured by it. */
  private static final long USUAL_RPM = 500;

  private Bounds typed = Bounds.NONE;
  private boolean looked;
  private long lookedAt;
  private long rpm;
  private long tpm;
  private long itpm;
  private long otpm;
  private long concurrency;

  void typed(Bounds bounds) {
    typed = bounds;
    looked = false;
  }

  /** The largest part of a minute's limit that a call takes; above 0. */
  double part(ScopeLimiter limiter, long now, Cost charge) {
    look(limiter, now);
    double part = (double) charge.requests() / (rpm > 0 ? rpm : tokens() ? 1_000_000 : USUAL_RPM);
    part = larger(part, charge.inputTokens() + charge.outputTokens(), tpm);
    part = larger(part, charge.inputTokens(), itpm);
    return larger(part, charge.outputTokens(), otpm);
  }

  /** A cost for which there is room only while that part of every limit stays free beside it. */
  Cost beside(ScopeLimiter limiter, long now, Cost charge, double part) {
    look(limiter, now);
    long requests = (long) (part * rpm);
    long input = (long) (part * Math.max(tpm, itpm));
    long output = (long) (part * otpm);
    return new Cost(
        (int) Math.min(Integer.MAX_VALUE, charge.requests() + requests),
        charge.inputTokens() + input,
        charge.outputTokens() + output);
  }

  /** Requests in flight that leave that part of their limit free; at least one. */
  long inFlight(ScopeLimiter limiter, long now, double part) {
    look(limiter, now);
    return concurrency == 0
        ? Long.MAX_VALUE
        : Math.max(1, (long) Math.floor((1 - part) * concurrency));
  }

  private boolean tokens() {
    return tpm > 0 || itpm > 0 || otpm > 0;
  }

  private static double larger(double part, long units, long limit) {
    return limit > 0 ? Math.max(part, (double) units / limit) : part;
  }

  private void look(ScopeLimiter limiter, long now) {
    if (looked && now - lookedAt < LOOK_AGAIN) {
      return;
    }
    looked = true;
    lookedAt = now;
    rpm = typed.rpm();
    tpm = typed.tpm();
    itpm = typed.itpm();
    otpm = typed.otpm();
    concurrency = typed.concurrency();
    LimiterView view = limiter.view(now);
    for (LimiterView.Line line : view.buckets()) {
      switch (line.limit()) {
        case RPM -> rpm = least(rpm, line.max());
        case TPM -> tpm = least(tpm, line.max());
        case ITPM -> itpm = least(itpm, line.max());
        case OTPM -> otpm = least(otpm, line.max());
        default -> {}
      }
    }
    concurrency = least(concurrency, view.learnedConcurrency());
    if (rpm == 0) {
      rpm = view.learnedPerMinute();
    }
  }

  private static long least(long one, long other) {
    return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
  }
}
