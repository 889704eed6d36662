package dev.paceline.console;

import dev.paceline.metrics.Quarter;
import dev.paceline.words.ScopeView;
import java.util.List;
import java.util.Map;

/** What the console says beside the meters; asked at each request, on the console's threads. */
public interface Facts {
  /** The agent's version. */
  String version();

  /** {@code enforce} or {@code observe}. */
  String mode();

  /** Whether the agent looks after calls at the moment. */
  boolean enabled();

  /** Seconds since the agent's start. */
  long uptimeSeconds();

  /** The common tags, such as {@code service=checkout}. */
  Map<String, String> service();

  /** Every scope with a budget. */
  List<ScopeView> scopes();

  /** The last 15 minutes. */
  Quarter quarter();

  /** One sentence for each thing that the agent sees and does not look after. */
  List<String> coverage();
}
