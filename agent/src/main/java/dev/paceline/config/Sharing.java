package dev.paceline.config;

import dev.paceline.words.Priority;

/**
 * What rules say about the calls that share a queue.
 *
 * @param priority of calls whose own header says nothing
 * @param weight of the call's tenant, or of its rule, among those of the same priority; above 0
 * @param group the rule that sets the weight: its calls are a sharer of their own; empty for none
 * @param headroom the part of every limit, 0 to 1, that background calls leave free
 * @param floor the least part of a limit, 0 to 0.5, that calls of each lower priority get while
 *     they wait
 * @param tenant the limits of each tenant; {@link Bounds#NONE} for none
 * @param tenantRule the rule that sets them; empty for none
 */
public record Sharing(
    Priority priority,
    double weight,
    String group,
    double headroom,
    double floor,
    Bounds tenant,
    String tenantRule) {
  /** The part that each lower priority gets where nobody has typed another. */
  public static final double USUAL_FLOOR = 0.05;

  /** Nothing is asked for: all calls are alike. */
  public static final Sharing NONE =
      new Sharing(Priority.NORMAL, 1, "", 0, USUAL_FLOOR, Bounds.NONE, "");

  /** Of this priority, else as {@link #NONE}. */
  public static Sharing of(Priority priority) {
    return new Sharing(priority, 1, "", 0, USUAL_FLOOR, Bounds.NONE, "");
  }
}
