package dev.paceline.export.beside;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallTrace;
import dev.paceline.export.TraceOutlet;
import dev.paceline.metrics.Meter;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One OpenTelemetry API's global instance: the application's own SDK, or the OpenTelemetry agent,
 * which takes over every copy of the API that it sees being loaded.
 *
 * <p>Never asks for the global instance before somebody has set it: asking sets a no-op, and the
 * application's own {@code set} then throws.
 */
public final class OpenTelemetryOutlet implements TraceOutlet {
  private static final String SCOPE = "dev.paceline";

  private final Supplier<List<Meter>> source;
  private final Map<String, String> commonTags;
  private final String version;
  private @Nullable Instruments instruments;
  private volatile @Nullable Tracer tracer;

  /**
   * Made reflectively.
   *
   * @param source all meters, live
   * @param commonTags put on every series
   * @param version the agent's
   */
  public OpenTelemetryOutlet(
      Supplier<List<Meter>> source, Map<String, String> commonTags, String version) {
    this.source = source;
    this.commonTags = commonTags;
    this.version = version;
  }

  /** Whether somebody has set the global instance. */
  private boolean ready() {
    if (tracer == null && isSet()) {
      tracer = global().getTracerProvider().get(SCOPE, version);
    }
    return tracer != null;
  }

  @Override
  public boolean look() {
    return ready();
  }

  @Override
  public void publish(List<Meter> meters) {
    if (!ready()) {
      return;
    }
    Instruments current = instruments;
    if (current == null) {
      current = new Instruments(meter(), source, commonTags);
      instruments = current;
    }
    current.publish(meters);
  }

  @Override
  public void withdraw() {
    Instruments current = instruments;
    instruments = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public boolean reachesOpenTelemetry() {
    return true;
  }

  @Override
  public boolean inTrace() {
    return Span.current().getSpanContext().isValid();
  }

  @Override
  public CallTrace begin(CallInfo call) {
    Tracer maker = tracer;
    // An SDK that is not the global one cannot be asked for spans, but the current one can be told.
    return maker == null && !inTrace()
        ? CallTrace.NONE
        : new SpanTrace(call, Context.current(), maker);
  }

  private io.opentelemetry.api.metrics.Meter meter() {
    return global()
        .getMeterProvider()
        .meterBuilder(SCOPE)
        .setInstrumentationVersion(version)
        .build();
  }

  private static OpenTelemetry global() {
    return GlobalOpenTelemetry.get(); // only called when it is set
  }

  private static boolean isSet() {
    try {
      return GlobalOpenTelemetry.isSet();
    } catch (NoSuchMethodError before157) {
      return fieldIsSet();
    }
  }

  /** Older APIs cannot be asked; when the field cannot be read either we stay away. */
  private static boolean fieldIsSet() {
    try {
      Field field = GlobalOpenTelemetry.class.getDeclaredField("globalOpenTelemetry");
      field.setAccessible(true);
      return field.get(null) != null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false;
    }
  }
}
