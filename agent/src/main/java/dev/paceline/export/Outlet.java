package dev.paceline.export;

import dev.paceline.metrics.Meter;
import java.util.List;

/**
 * A library of the application through which the meters leave. Implemented beside the library, in
 * {@code export.beside}; asked by the exporter's thread only.
 */
public interface Outlet {
  /** Brings the library up to date with these, all that there are. */
  void publish(List<Meter> meters);

  /** Takes back what was published. */
  void withdraw();

  /**
   * Whether what is published here arrives in OpenTelemetry as well, over a bridge that the
   * application or another agent has built.
   */
  boolean reachesOpenTelemetry();
}
