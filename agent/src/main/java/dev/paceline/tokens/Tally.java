package dev.paceline.tokens;

import org.jspecify.annotations.Nullable;

/**
 * The counters of the usage that is being read and of the last one that was read whole. A stream
 * that is cut inside a usage object keeps the one before.
 */
final class Tally {
  /** What a counter counts. */
  enum Counter {
    INPUT,
    OUTPUT,
    TOTAL,
    CACHED,
    WRITTEN,
    /** Gemini's thinking, which its output does not include. */
    THOUGHTS,
    /** What Gemini's own tools put into the prompt. */
    TOOL_PROMPT,
    /** Cohere's billed units: where an answer has no others. */
    BILLED_INPUT,
    BILLED_OUTPUT
  }

  private static final int COUNTERS = Counter.values().length;
  private static final long ABSENT = -1;

  /** More than any call costs: a figure beyond it is no count of tokens. */
  private static final long MOST = 1_000_000_000_000L;

  private final long[] reading = new long[COUNTERS];
  private final long[] known = new long[COUNTERS];
  private boolean readingBeside;
  private boolean beside;
  private boolean any;

  /** Anthropic's streams: later objects hold part of the counters only. */
  private boolean overlay;

  /** Counters that Bedrock adds to every model's answer: they give way to the model's own. */
  private long addedInput = ABSENT;

  private long addedOutput = ABSENT;

  Tally() {
    clear();
    java.util.Arrays.fill(known, ABSENT);
  }

  /** A usage object begins. */
  void begin(boolean partsFollow) {
    overlay |= partsFollow;
    clear();
  }

  private void clear() {
    java.util.Arrays.fill(reading, ABSENT);
    readingBeside = false;
  }

  void count(Counter counter, long value) {
    if (value >= 0 && value <= MOST) {
      reading[counter.ordinal()] = value;
    }
  }

  /** The cache's counters come on top of the input. */
  void cacheBeside() {
    readingBeside = true;
  }

  /** The usage object has ended. */
  void commit() {
    boolean found = false;
    for (int i = 0; i < COUNTERS; i++) {
      found |= reading[i] != ABSENT;
    }
    if (!found) {
      return;
    }
    any = true;
    beside = overlay ? beside | readingBeside : readingBeside;
    for (int i = 0; i < COUNTERS; i++) {
      if (!overlay || reading[i] != ABSENT) {
        known[i] = reading[i];
      }
    }
    clear();
  }

  /** A counter that stands for itself, such as Ollama's. */
  void lone(Counter counter, long value) {
    if (value >= 0 && value <= MOST) {
      known[counter.ordinal()] = value;
      any = true;
    }
  }

  void added(Counter counter, long value) {
    if (value < 0 || value > MOST) {
      return;
    }
    if (counter == Counter.INPUT) {
      addedInput = value;
    } else if (counter == Counter.OUTPUT) {
      addedOutput = value;
    }
  }

  private long of(Counter counter) {
    return known[counter.ordinal()];
  }

  private static long orZero(long value) {
    return Math.max(0, value);
  }

  @Nullable Usage usage() {
    if (!any) {
      return addedInput == ABSENT && addedOutput == ABSENT
          ? null
          : new Usage(orZero(addedInput), 0, 0, false, orZero(addedOutput));
    }
    long input = of(Counter.INPUT);
    if (input == ABSENT) {
      input = of(Counter.BILLED_INPUT) == ABSENT ? addedInput : of(Counter.BILLED_INPUT);
    }
    input = orZero(input);
    long output = of(Counter.OUTPUT);
    if (output == ABSENT) {
      output = of(Counter.BILLED_OUTPUT) == ABSENT ? addedOutput : of(Counter.BILLED_OUTPUT);
    }
    output = orZero(output);
    if (of(Counter.THOUGHTS) != ABSENT || of(Counter.TOOL_PROMPT) != ABSENT) {
      output += orZero(of(Counter.THOUGHTS));
      input += orZero(of(Counter.TOOL_PROMPT));
    } else if (!beside && of(Counter.INPUT) != ABSENT) {
      // xAI's chat and Gemini's OpenAI dialect count the thinking in the total only.
      output = Math.max(output, of(Counter.TOTAL) - input);
    }
    return new Usage(
        input, orZero(of(Counter.CACHED)), orZero(of(Counter.WRITTEN)), beside, output);
  }
}
