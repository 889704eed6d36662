package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.config.Sharing;
import dev.paceline.words.Priority;

/**
 * Whose call it is and how much it matters: what decides its place among those that wait.
 *
 * @param sharing what rules say of such calls
 * @param priority the call's own, or the rules'
 * @param tenant on whose behalf it is made; empty when nobody says so
 */
record CallClass(Sharing sharing, Priority priority, String tenant) {
  /** All calls where nobody has asked for classes. */
  static final CallClass USUAL = new CallClass(Sharing.NONE, Priority.NORMAL, "");

  /** Those who share a class: each tenant, and within it each rule with a weight of its own. */
  record Sharer(String tenant, String group) {}

  Sharer sharer() {
    return new Sharer(tenant, sharing.group());
  }

  /** Whether nothing tells it from calls of which nobody has said anything. */
  boolean usual() {
    return priority == Priority.NORMAL && tenant.isEmpty() && sharing.group().isEmpty();
  }

  /** Whether limits hold for its tenant alone. */
  boolean hasQuota() {
    return !tenant.isEmpty() && !sharing.tenant().equals(Bounds.NONE);
  }

  /** Whether what it waits for is typed: that counts as confirmed, as a typed limit does. */
  boolean heldByRules() {
    return headroom() > 0 || hasQuota();
  }

  /** The part of every limit that it leaves to those that matter more. */
  double headroom() {
    return priority == Priority.BACKGROUND ? sharing.headroom() : 0;
  }
}
