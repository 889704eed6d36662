package dev.paceline.export;

import dev.paceline.call.CallTracer;

/** An {@link Outlet} that can follow calls into a trace as well, on the application's threads. */
public interface TraceOutlet extends Outlet, CallTracer {
  /** Looks whether the library has been set up by now; on the exporter's thread. */
  boolean look();

  /** Whether the calling thread is within a trace of this library. */
  boolean inTrace();
}
