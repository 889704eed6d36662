package dev.paceline.export;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallTrace;
import dev.paceline.metrics.Meter;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The barrier in front of one library: what it throws is counted once, then it is left alone. */
final class Guarded implements TraceOutlet {
  private final @Nullable ClassLoader application;
  private final BiConsumer<String, Throwable> faults;
  private @Nullable Supplier<Outlet> maker;
  private volatile @Nullable Outlet outlet;

  /**
   * @param application whose library it is: filters and listeners of its own may look for it as the
   *     context class loader; null for nobody's
   * @param maker links against the library, which may be too old or too new for that
   */
  Guarded(
      @Nullable ClassLoader application,
      Supplier<Outlet> maker,
      BiConsumer<String, Throwable> faults) {
    this.application = application;
    this.maker = maker;
    this.faults = faults;
  }

  @Override
  public void publish(List<Meter> meters) {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try {
      Thread.currentThread().setContextClassLoader(application);
      Outlet open = open();
      if (open != null) {
        open.publish(meters);
      }
    } catch (Throwable t) {
      failed(t);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Override
  public void withdraw() {
    try {
      Outlet open = outlet;
      if (open != null) {
        open.withdraw();
      }
    } catch (Throwable t) {
      failed(t);
    }
  }

  @Override
  public boolean reachesOpenTelemetry() {
    try {
      Outlet open = outlet;
      return open != null && open.reachesOpenTelemetry();
    } catch (Throwable t) {
      failed(t);
      return false;
    }
  }

  @Override
  public boolean look() {
    try {
      return open() instanceof TraceOutlet tracer && tracer.look();
    } catch (Throwable t) {
      failed(t);
      return false;
    }
  }

  @Override
  public boolean inTrace() {
    try {
      return outlet instanceof TraceOutlet tracer && tracer.inTrace();
    } catch (Throwable t) {
      failed(t);
      return false;
    }
  }

  @Override
  public CallTrace begin(CallInfo call) {
    try {
      return outlet instanceof TraceOutlet tracer ? tracer.begin(call) : CallTrace.NONE;
    } catch (Throwable t) {
      failed(t);
      return CallTrace.NONE;
    }
  }

  private @Nullable Outlet open() {
    Supplier<Outlet> first = maker;
    if (first != null) {
      maker = null;
      outlet = first.get();
    }
    return outlet;
  }

  private void failed(Throwable t) {
    outlet = null;
    faults.accept("export", t);
  }
}
