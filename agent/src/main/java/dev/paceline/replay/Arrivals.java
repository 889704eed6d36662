package dev.paceline.replay;

import java.util.Arrays;

/**
 * The calls of one model, in order of arrival once {@link #sort} was called. Columns instead of
 * objects: some 40 bytes a call, since a record may hold millions.
 */
public final class Arrivals {
  /** What a column of milliseconds or tokens holds at most. */
  private static final int MOST = Integer.MAX_VALUE;

  private final String provider;
  private final String model;
  private int size;
  private long[] at = new long[64];
  private int[] requested = new int[64];
  private int[] input = new int[64];
  private int[] output = new int[64];
  private int[] estimate = new int[64];
  private int[] service = new int[64];
  private int[] head = new int[64];
  private int[] wait = new int[64];

  Arrivals(String provider, String model) {
    this.provider = provider;
    this.model = model;
  }

  /** Id of the provider that was asked. */
  public String provider() {
    return provider;
  }

  /** The model's name as recorded. */
  public String model() {
    return model;
  }

  /** Calls. */
  public int size() {
    return size;
  }

  void add(
      long atMillis,
      long requestedTokens,
      long inputTokens,
      long outputTokens,
      long estimatedTokens,
      long serviceMillis,
      long headMillis,
      long waitMillis) {
    if (size == at.length) {
      int more = size + (size >> 1);
      at = Arrays.copyOf(at, more);
      requested = Arrays.copyOf(requested, more);
      input = Arrays.copyOf(input, more);
      output = Arrays.copyOf(output, more);
      estimate = Arrays.copyOf(estimate, more);
      service = Arrays.copyOf(service, more);
      head = Arrays.copyOf(head, more);
      wait = Arrays.copyOf(wait, more);
    }
    at[size] = atMillis;
    requested[size] = small(requestedTokens);
    input[size] = small(inputTokens);
    output[size] = small(outputTokens);
    estimate[size] = small(estimatedTokens);
    service[size] = small(serviceMillis);
    head[size] = small(Math.min(headMillis, serviceMillis));
    wait[size] = small(waitMillis);
    size++;
  }

  private static int small(long value) {
    return (int) Math.max(0, Math.min(MOST, value));
  }

  /** By time; the agent writes calls when they end, and files may be joined in any order. */
  void sort() {
    boolean sorted = true;
    for (int i = 1; i < size && sorted; i++) {
      sorted = at[i - 1] <= at[i];
    }
    if (sorted) {
      return;
    }
    // Index in the low bits: sorts primitives, and calls of one millisecond stay in their order.
    long first = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      first = Math.min(first, at[i]);
    }
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = Math.min(at[i] - first, (1L << 36) - 1) << 27 | i;
    }
    Arrays.sort(keys);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = (int) (keys[i] & ((1 << 27) - 1));
    }
    long[] times = new long[size];
    for (int i = 0; i < size; i++) {
      times[i] = at[order[i]];
    }
    at = times;
    requested = ordered(requested, order);
    input = ordered(input, order);
    output = ordered(output, order);
    estimate = ordered(estimate, order);
    service = ordered(service, order);
    head = ordered(head, order);
    wait = ordered(wait, order);
  }

  private static int[] ordered(int[] column, int[] order) {
    int[] result = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      result[i] = column[order[i]];
    }
    return result;
  }

  /** When the first call was made, milliseconds since 1970. */
  public long firstMillis() {
    return size == 0 ? 0 : at[0];
  }

  /** When the last call was made, milliseconds since 1970. */
  public long lastMillis() {
    return size == 0 ? 0 : at[size - 1];
  }

  /** When a call was made, nanoseconds after the first. */
  long nanos(int call) {
    return (at[call] - at[0]) * 1_000_000L;
  }

  /** What a limit on tokens of both kinds is charged. */
  int requested(int call) {
    return requested[call];
  }

  int input(int call) {
    return input[call];
  }

  int output(int call) {
    return output[call];
  }

  /** What the agent expected to be charged. */
  int estimate(int call) {
    return estimate[call];
  }

  /** How long its answer took, waits not included. */
  int serviceMillis(int call) {
    return service[call];
  }

  /** How long until its headers were there, waits not included. */
  int headMillis(int call) {
    return head[call];
  }

  /** How long the agent held it when it was recorded. */
  int recordedWaitMillis(int call) {
    return wait[call];
  }
}
