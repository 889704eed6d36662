package dev.paceline.replay;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.record.CallRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sorts a record by model: each has limits of its own. What a call weighs is what its provider
 * said, where it said it, and else what the agent estimated.
 */
public final class RecordedLoad implements Consumer<CallRecord> {
  /** Calls of one file; an index of one has 27 bits. */
  private static final int MOST_CALLS = 100_000_000;

  /** Models beyond are counted as {@code other}. */
  private static final int MOST_MODELS = 1_000;

  private record Name(String provider, String model) {}

  /** Times of answers while a model has none that was served. */
  private static final long USUAL_SERVICE_MILLIS = 1_000;

  private static final class Part {
    final Arrivals arrivals;
    final @Nullable Provider provider;
    long served;
    long servedMillis;
    long failed;
    long limited;

    Part(Name name) {
      this.arrivals = new Arrivals(name.provider, name.model);
      this.provider = Providers.find(name.provider);
    }
  }

  private final Map<Name, Part> parts = new LinkedHashMap<>();
  private final Predicate<String> wanted;
  private long skipped;
  private int calls;

  /**
   * @param wanted whether a model takes part
   */
  public RecordedLoad(Predicate<String> wanted) {
    this.wanted = wanted;
  }

  @Override
  public void accept(CallRecord call) {
    if (!wanted.test(call.model()) || calls == MOST_CALLS) {
      skipped++;
      return;
    }
    calls++;
    Name name = new Name(call.provider(), call.model());
    Part part = parts.get(name);
    if (part == null) {
      name = parts.size() < MOST_MODELS ? name : new Name("other", "other");
      part = parts.computeIfAbsent(name, Part::new);
    }
    part.limited += call.limited();
    boolean served = call.outcome().equals(CallRecord.SUCCESS);
    long service = Math.max(0, call.millis() - call.waitMillis());
    if (served) {
      part.served++;
      part.servedMillis += service;
    } else {
      part.failed++;
      // It has ended before its answer, or never had one: the usual time stands for it.
      service =
          part.served == 0 ? USUAL_SERVICE_MILLIS : part.servedMillis / Math.max(1, part.served);
    }
    long input = call.input() >= 0 ? call.input() : Math.max(0, call.inputEstimate());
    long reserved = Math.max(0, call.outputEstimate());
    long output = call.output() >= 0 ? call.output() : reserved;
    long charged =
        part.provider != null && part.provider.cacheFree()
            ? Math.max(0, input - Math.max(0, call.cached()))
            : input;
    part.arrivals.add(
        call.at(),
        requested(part.provider, charged, reserved, output),
        charged,
        output,
        requested(part.provider, Math.max(0, call.inputEstimate()), reserved, reserved),
        service,
        served && call.headMillis() >= 0 ? call.headMillis() : service,
        call.waitMillis());
  }

  /** What a limit on tokens of both kinds is charged, by the provider's rule of admission. */
  private static long requested(
      @Nullable Provider provider, long input, long reserved, long output) {
    ChargingModel rule = provider == null ? ChargingModel.UNPUBLISHED : provider.charge();
    return switch (rule) {
      case PROMPT_AND_MAX -> input + reserved;
      case LARGER_OF_PROMPT_AND_MAX -> Math.max(input, reserved);
      case UNPUBLISHED -> input;
      case PROMPT, NOTHING -> input + output;
    };
  }

  /** A model's calls, and what had become of them when they were recorded. */
  public record Model(Arrivals arrivals, long failed, long limited) {}

  /** By calls, most first. */
  public List<Model> models() {
    List<Model> models = new ArrayList<>();
    for (Part part : parts.values()) {
      part.arrivals.sort();
      models.add(new Model(part.arrivals, part.failed, part.limited));
    }
    models.sort(Comparator.comparingInt((Model m) -> m.arrivals.size()).reversed());
    return models;
  }

  /** Calls of models that do not take part, or beyond what one run takes. */
  public long skipped() {
    return skipped;
  }
}
