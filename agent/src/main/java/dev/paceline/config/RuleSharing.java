package dev.paceline.config;

import dev.paceline.words.Priority;
import java.util.List;
import java.util.Optional;

/** What one rule says about whose calls go first and who may use how much. */
final class RuleSharing {
  private final String id;
  private final Optional<Priority> priority;
  private final Optional<Integer> weight;
  private final Optional<Double> headroom;
  private final Bounds tenant;

  RuleSharing(String id, List<Setting<?>> settings) {
    this.id = id;
    this.priority = Rule.value(settings, ClassKeys.RULE_PRIORITY, Priority.class);
    this.weight = Rule.value(settings, ClassKeys.RULE_WEIGHT, Integer.class);
    this.headroom = Rule.value(settings, ClassKeys.RULE_HEADROOM, Double.class);
    this.tenant =
        new Bounds(
            Rule.limit(settings, ClassKeys.RULE_TENANT_RPM),
            Rule.limit(settings, ClassKeys.RULE_TENANT_TPM),
            0,
            0,
            Rule.limit(settings, ClassKeys.RULE_TENANT_RPD),
            Rule.limit(settings, ClassKeys.RULE_TENANT_TPD),
            Rule.limit(settings, ClassKeys.RULE_TENANT_CONCURRENCY),
            Bounds.AUTO,
            Bounds.AUTO,
            Rule.value(settings, RuleKeys.DAY_STARTS, DayStarts.class));
  }

  private boolean limitsTenants() {
    return tenant.rpm() + tenant.tpm() + tenant.rpd() + tenant.tpd() + tenant.concurrency() > 0;
  }

  /** Whether it says anything. */
  boolean says() {
    return priority.isPresent() || weight.isPresent() || headroom.isPresent() || limitsTenants();
  }

  /** What holds for the calls that the rule matches; what it does not say stays. */
  Sharing over(Sharing all) {
    if (!says()) {
      return all;
    }
    boolean quota = limitsTenants();
    return new Sharing(
        priority.orElse(all.priority()),
        weight.map(Integer::doubleValue).orElse(all.weight()),
        weight.isPresent() ? id : all.group(),
        headroom.orElse(all.headroom()),
        all.floor(),
        quota ? tenant : all.tenant(),
        quota ? id : all.tenantRule());
  }
}
