package dev.paceline.console;

import dev.paceline.metrics.Quarter;
import dev.paceline.metrics.Span;
import dev.paceline.words.FleetView;
import dev.paceline.words.ScopeView;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the console says beside the meters; asked at each request, on the console's threads. */
public interface Facts {
  /** The agent's version. */
  String version();

  /** {@code enforce} or {@code observe}. */
  String mode();

  /** Whether the agent looks after calls at the moment. */
  boolean enabled();

  /** Why it does not: {@code configuration}, {@code jmx}, {@code faults}; empty when it does. */
  String off();

  /** Name of the machine or pod. */
  String host();

  /** Process id. */
  long pid();

  /** When the process began, in milliseconds since the epoch. */
  long startedMillis();

  /** Seconds since the agent's start. */
  long uptimeSeconds();

  /** The common tags, such as {@code service=checkout}. */
  Map<String, String> service();

  /** Every scope with a budget. */
  List<ScopeView> scopes();

  /** The agreement with other processes; empty where none is configured. */
  Optional<FleetView> fleet();

  /** What happened within a span of time until now. */
  Quarter over(Span span);

  /** One sentence for each thing that the agent sees and does not look after. */
  List<String> coverage();
}
