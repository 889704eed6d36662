package dev.paceline.tokens;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one scope's answers teach about the price of its requests: a preamble that the provider
 * adds, a tokenizer that differs, how long answers are, and what the provider charges where it says
 * so. Keeps a few numbers, no text. Thread-safe.
 */
public final class Calibration {
  private static final int MOST = 16;

  /** So many answers make an estimate a calibrated one. */
  private static final int ENOUGH = 3;

  /** Outputs are ranked over so many answers. */
  private static final int OUTPUTS = 64;

  /** Of the outputs seen, the share that the output set aside covers. */
  private static final double QUANTILE = 0.9;

  private static final long UNSORTED = -1;

  /** Room to sort in, for what every call or answer asks for; null while one does. */
  private static final AtomicReference<double @Nullable []> SCRATCH = new AtomicReference<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Fit plain = new Fit();
  private final Fit withTools = new Fit();
  private final Fit withSchema = new Fit();
  private final long[] outputs = new long[OUTPUTS];
  private int seenOutputs;

  /** Of what was seen; sorted when it is next asked for, not with each answer. */
  private long outputQuantile;

  private final double[] charges = new double[8];
  private int seenCharges;
  private final double[] uncached = new double[8];
  private int seenPrompts;

  /** The prompt's tokens, with what was learned. */
  public long input(Estimate estimate) {
    lock.lock();
    try {
      Fit fit = fit(estimate);
      // Instructions beside tools and schemas say nothing of requests without. What stands before
      // all requests stands before the first one with tools, too; how texts are cut into tokens
      // says little of schemas.
      double offset = fit.count > 0 ? fit.offset(estimate.input()) : plain.preamble();
      return Math.max(0, Math.round(estimate.input() + offset));
    } finally {
      lock.unlock();
    }
  }

  private Fit fit(Estimate estimate) {
    return estimate.tools() ? withTools : estimate.schema() ? withSchema : plain;
  }

  /** Whether enough answers were seen to trust {@link #input}. */
  public boolean calibrated(Estimate estimate) {
    lock.lock();
    try {
      return (estimate.exact() && !estimate.media()) || fit(estimate).count >= ENOUGH;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The output to set aside for a request that does not say how much it may be: nine of ten answers
   * stay below. 0 while nothing is known.
   */
  public long output() {
    lock.lock();
    try {
      if (outputQuantile == UNSORTED) {
        outputQuantile = quantile(Math.min(seenOutputs, OUTPUTS));
      }
      return outputQuantile;
    } finally {
      lock.unlock();
    }
  }

  private long quantile(int count) {
    if (count == 0) {
      return 0;
    }
    double[] sorted = scratch();
    for (int i = 0; i < count; i++) {
      sorted[i] = outputs[i];
    }
    Arrays.sort(sorted, 0, count);
    long quantile = (long) sorted[Math.min(count - 1, (int) (count * QUANTILE))];
    SCRATCH.set(sorted);
    return quantile;
  }

  /** An answer says what its request did cost. */
  public void learn(Estimate estimate, Usage usage) {
    lock.lock();
    try {
      if (usage.output() > 0) {
        outputs[seenOutputs++ % OUTPUTS] = usage.output();
        outputQuantile = UNSORTED;
        if (seenOutputs < 0) {
          seenOutputs = OUTPUTS;
        }
      }
      long prompt = usage.prompt();
      if (prompt > 0) {
        uncached[seenPrompts++ & 7] = (double) usage.uncached() / prompt;
        seenPrompts = seenPrompts < 0 ? 8 : seenPrompts;
      }
      // What an image costs says nothing of texts.
      if (prompt > 0 && estimate.input() > 0 && !estimate.media()) {
        fit(estimate).add(estimate.input(), prompt);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The part of a prompt that is charged where what comes from the provider's cache is free: as
   * much as in the worst of the last eight answers, all of it while there were fewer than three.
   */
  public double uncachedShare() {
    lock.lock();
    try {
      if (seenPrompts < ENOUGH) {
        return 1;
      }
      double most = 0;
      for (int i = 0; i < Math.min(8, seenPrompts); i++) {
        most = Math.max(most, uncached[i]);
      }
      return most;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The provider named the charge of one request: "Requested N" of a limit answer, Mistral's query
   * cost.
   */
  public void charged(long ours, long theirs) {
    if (ours <= 0 || theirs <= 0) {
      return;
    }
    lock.lock();
    try {
      charges[seenCharges++ & 7] = (double) theirs / ours;
      seenCharges = seenCharges < 0 ? 8 : seenCharges;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What the provider charges, as a multiple of our charge: the figure nearest to 1 of the last
   * eight when all of them lie on one side, else 1. Limit answers come to those calls first that
   * were estimated too low, so their mean would charge everybody too much.
   */
  public double chargeRatio() {
    lock.lock();
    try {
      int count = Math.min(8, seenCharges);
      if (count < ENOUGH) {
        return 1;
      }
      double least = Double.MAX_VALUE;
      double most = 0;
      for (int i = 0; i < count; i++) {
        least = Math.min(least, charges[i]);
        most = Math.max(most, charges[i]);
      }
      return least > 1 ? Math.min(4, least) : most < 1 ? Math.max(0.25, most) : 1;
    } finally {
      lock.unlock();
    }
  }

  private static double[] scratch() {
    double[] free = SCRATCH.getAndSet(null);
    return free == null ? new double[MOST * (MOST - 1) / 2] : free;
  }

  /** A line through the last answers: the middle of all slopes, the middle of all distances. */
  private static final class Fit {
    private final double[] estimated = new double[MOST];
    private final double[] actual = new double[MOST];
    int count;
    private int next;
    private double slope = 1;
    private double offset;

    void add(double estimate, double value) {
      estimated[next] = estimate;
      actual[next] = value;
      next = (next + 1) % MOST;
      count = Math.min(count + 1, MOST);
      fit();
    }

    double apply(double estimate) {
      return Math.max(estimate / 4, slope * estimate + offset);
    }

    double offset(double estimate) {
      return apply(estimate) - estimate;
    }

    /** What is in front of every request. */
    double preamble() {
      return Math.max(0, offset);
    }

    private void fit() {
      double[] scratch = scratch();
      fit(scratch);
      SCRATCH.set(scratch);
    }

    private void fit(double[] slopes) {
      int found = 0;
      for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
          double run = estimated[j] - estimated[i];
          // Two requests of about one size say where the line lies, not how steep it is.
          if (Math.abs(run) > 30 && Math.abs(run) > 0.2 * Math.max(estimated[i], estimated[j])) {
            slopes[found++] = (actual[j] - actual[i]) / run;
          }
        }
      }
      slope = found == 0 ? alone() : within(middle(slopes, found));
      double[] distances = slopes;
      for (int i = 0; i < count; i++) {
        distances[i] = actual[i] - slope * estimated[i];
      }
      offset = middle(distances, count);
    }

    /** Of one size only: a long text tells the tokenizer, a short one the preamble. */
    private double alone() {
      double ratio = actual[0] / estimated[0];
      return estimated[0] > 1_000 || ratio < 1 ? within(ratio) : 1;
    }

    /** Tokenizers do not differ by more. */
    private static double within(double ratio) {
      return Math.max(0.6, Math.min(1.8, ratio));
    }

    /** Sorts the values. */
    private static double middle(double[] values, int count) {
      Arrays.sort(values, 0, count);
      return (values[(count - 1) / 2] + values[count / 2]) / 2;
    }
  }
}
