package dev.paceline.agent;

import dev.paceline.call.CallOrigin;
import dev.paceline.call.Policies;
import dev.paceline.config.CallFacts;
import dev.paceline.config.ClassKeys;
import dev.paceline.config.ConfigWatcher;
import dev.paceline.config.Keys;
import dev.paceline.config.Policy;
import dev.paceline.config.TenantNames;
import dev.paceline.config.TenantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings in force, and the operator's switch over them. */
final class ConfiguredPolicies implements Policies {
  private final ConfigWatcher config;
  private final Switch operator;

  ConfiguredPolicies(ConfigWatcher config, Switch operator) {
    this.config = config;
    this.operator = operator;
  }

  @Override
  public boolean enabled() {
    return operator.on() && config.current().enabled();
  }

  @Override
  public Policy policyFor(String provider, String model, String host) {
    return config.current().policyFor(provider, model, host);
  }

  @Override
  public Policy policyFor(String provider, String model, String host, CallFacts call) {
    return config.current().policyFor(provider, model, host, call);
  }

  @Override
  public boolean asksMoreOfCalls() {
    return config.current().asksMoreOfCalls();
  }

  @Override
  public boolean sharesByRules() {
    return config.current().sharesByRules();
  }

  @Override
  public List<TenantSource> tenantSources() {
    return config.current().tenantSources();
  }

  @Override
  public boolean plainTenants() {
    return config.current().get(ClassKeys.TENANT_NAMES) == TenantNames.PLAIN;
  }

  @Override
  public @Nullable CallOrigin origin() {
    return CallOrigins.here(config.current());
  }

  @Override
  public int queueMax() {
    return config.current().get(Keys.QUEUE_MAX);
  }

  @Override
  public int scopesMax() {
    return config.current().get(Keys.SCOPES_MAX).orElse(Policies.USUAL_SCOPES);
  }

  @Override
  public long queueBytes() {
    return java.lang.Runtime.getRuntime().maxMemory() / 10;
  }
}
