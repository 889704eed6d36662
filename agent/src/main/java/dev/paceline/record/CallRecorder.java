package dev.paceline.record;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.call.CallTrace;
import dev.paceline.call.CallTracer;
import dev.paceline.call.Clock;
import dev.paceline.words.Limit;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Makes a {@link CallRecord} of every call, when the call and its answer's body have ended. */
public final class CallRecorder implements CallTracer {
  private static final long MILLI = 1_000_000L;

  private final Clock clock;
  private final Consumer<CallRecord> sink;

  /**
   * @param sink is given each record once, on the application's threads: must only hand over
   */
  public CallRecorder(Clock clock, Consumer<CallRecord> sink) {
    this.clock = clock;
    this.sink = sink;
  }

  @Override
  public CallTrace begin(CallInfo call) {
    return new Open(call);
  }

  /** A call under way: on one thread at a time, but its body may be on another. */
  private final class Open implements CallTrace {
    private final CallInfo call;
    private final long at = clock.epochMillis();
    private final long began = clock.nanos();

    /** What has begun and not ended: the call itself, bodies. */
    private final AtomicInteger open = new AtomicInteger(1);

    private volatile long inputEstimate = CallRecord.UNKNOWN;
    private volatile long outputEstimate = CallRecord.UNKNOWN;
    private volatile long input = CallRecord.UNKNOWN;
    private volatile long cached = CallRecord.UNKNOWN;
    private volatile long output = CallRecord.UNKNOWN;
    private long waited;
    private long head = CallRecord.UNKNOWN;
    private int limited;
    private int attempts;
    private Outcome outcome = Outcome.CANCELLED;

    Open(CallInfo call) {
      this.call = call;
    }

    @Override
    public void estimated(long inputTokens, long outputTokens) {
      inputEstimate = inputTokens;
      outputEstimate = outputTokens;
    }

    @Override
    public void waited(Limit limit, WaitReason reason, long nanos) {
      waited += nanos;
    }

    @Override
    public void retried(RetryReason reason, Limit limit, int sent) {}

    @Override
    public void attempted(int sent, int status) {
      head = Math.max(0, clock.nanos() - began - waited) / MILLI;
      if (status == 429 || status == 529) {
        limited++;
      }
    }

    @Override
    public void used(long prompt, long fromCache, long produced) {
      input = prompt;
      cached = fromCache;
      output = produced;
    }

    @Override
    public void bodyBegins() {
      open.updateAndGet(n -> n == 0 ? 0 : n + 1);
    }

    @Override
    public void bodyEnded() {
      over();
    }

    @Override
    public void ended(Outcome how, int sent) {
      outcome = how;
      attempts = sent;
      over();
    }

    private void over() {
      if (open.getAndUpdate(n -> Math.max(0, n - 1)) == 1) {
        sink.accept(
            new CallRecord(
                at,
                call.provider(),
                RecordedModel.of(call.model()),
                inputEstimate,
                outputEstimate,
                input,
                cached,
                output,
                waited / MILLI,
                (clock.nanos() - began) / MILLI,
                head,
                attempts,
                limited,
                outcome.name().toLowerCase(Locale.ROOT)));
      }
    }
  }
}
