package dev.paceline.config;

/** Which libraries of the application get the agent's meters. */
public enum MetricsExport {
  /** Every Micrometer and OpenTelemetry that the application uses; no backend gets them twice. */
  AUTO,
  /** Only its Micrometer. */
  MICROMETER,
  /** Only its OpenTelemetry. */
  OTEL,
  /** Neither; its traces are left alone too. */
  NONE
}
