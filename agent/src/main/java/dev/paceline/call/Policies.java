package dev.paceline.call;

import dev.paceline.config.CallFacts;
import dev.paceline.config.Policy;
import dev.paceline.config.TenantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a call's settings come from; what it returns may change while the application runs. */
public interface Policies {
  /**
   * Scopes that are remembered where nobody has said how many: one of them is some 8 KB, so at most
   * a tenth of the heap.
   */
  int USUAL_SCOPES =
      (int) Math.max(1_000, Math.min(10_000, Runtime.getRuntime().maxMemory() / 100_000));

  /** Whether the agent does anything at all. */
  boolean enabled();

  /** The settings for one call. */
  Policy policyFor(String provider, String model, String host);

  /** As above, for a call of which rules ask more; see {@link #asksMoreOfCalls}. */
  default Policy policyFor(String provider, String model, String host, CallFacts call) {
    return policyFor(provider, model, host);
  }

  /** Whether any rule asks more of a call than its provider, model and host. */
  default boolean asksMoreOfCalls() {
    return false;
  }

  /** Whether rules say whose calls go first, or who may use how much. */
  default boolean sharesByRules() {
    return false;
  }

  /** Where a call's tenant is found, in this order. */
  default List<TenantSource> tenantSources() {
    return List.of();
  }

  /** Whether people see tenants as the application spells them. */
  default boolean plainTenants() {
    return false;
  }

  /** Where a call that this thread makes comes from; null while nobody asks for it. */
  default @Nullable CallOrigin origin() {
    return null;
  }

  /** How many scopes are remembered; beyond that those that were used long ago are forgotten. */
  default int scopesMax() {
    return USUAL_SCOPES;
  }

  /** How many calls may wait at the same time, all scopes together. */
  default int queueMax() {
    return 10_000;
  }

  /** How many bytes the bodies of those may take together. */
  default long queueBytes() {
    return Long.MAX_VALUE;
  }
}
