package dev.paceline.export;

import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.Meter;
import dev.paceline.metrics.Metric;
import dev.paceline.metrics.Reading;
import dev.paceline.words.ScopeView;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/**
 * The agent and its scopes as MBeans, read-only but for a switch. They appear with the process'
 * MBean server: making one costs tens of milliseconds, which nobody pays who does not use JMX, and
 * made too early it takes an application server's own one away.
 */
public final class JmxExport {
  private static final String DOMAIN = "dev.paceline";

  /** As many as there are models in the metrics: an exporter makes several series of each. */
  private static final int MOST = 50;

  /** What JMX can see and do of the agent. */
  public interface Control {
    /** {@code enforce} or {@code observe}. */
    String mode();

    /** Whether the agent works. */
    boolean enabled();

    /** Places in flight that are taken; 0 at rest. */
    default long permitsOutstanding() {
      return 0;
    }

    /** Requests on the wire; 0 at rest. */
    default long attemptsOpen() {
      return 0;
    }

    /** Calls that have begun and not ended; 0 at rest. */
    default long callsOpen() {
      return 0;
    }

    /** Takes {@link #disable} back. */
    void enable();

    /** Lets all calls pass. */
    void disable();
  }

  private final CallMetrics metrics;
  private final Supplier<List<ScopeView>> scopes;
  private final Control control;
  private final String version;
  private final Set<ObjectName> limiters = new HashSet<>();
  private final Set<Meter> models = new HashSet<>();
  private boolean registered;

  /**
   * @param scopes every scope, as it stands
   * @param version the agent's
   */
  public JmxExport(
      CallMetrics metrics, Supplier<List<ScopeView>> scopes, Control control, String version) {
    this.metrics = metrics;
    this.scopes = scopes;
    this.control = control;
    this.version = version;
  }

  /**
   * Registers what is new and takes back what is gone; on the exporter's thread.
   *
   * @throws JMException when the server refuses
   */
  public void tick() throws JMException {
    if (!registered && MBeanServerFactory.findMBeanServer(null).isEmpty()) {
      return;
    }
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    if (!registered) {
      registered = true;
      register(
          server,
          DescribedMBean.of(new Agent(), AgentMXBean.class),
          new ObjectName(DOMAIN + ":type=Agent"));
    }
    limiters(server);
    models(server);
  }

  private void limiters(MBeanServer server) throws JMException {
    Map<ObjectName, ScopeView> present = new LinkedHashMap<>();
    for (ScopeView scope : scopes.get()) {
      present.put(name(scope), scope);
    }
    for (ObjectName name : List.copyOf(limiters)) {
      if (!present.containsKey(name)) {
        limiters.remove(name);
        try {
          server.unregisterMBean(name);
        } catch (InstanceNotFoundException gone) {
          // Somebody has taken it out: what was wanted.
        }
      }
    }
    for (Map.Entry<ObjectName, ScopeView> scope : present.entrySet()) {
      if (limiters.size() < MOST && limiters.add(scope.getKey())) {
        register(
            server,
            DescribedMBean.of(new Limiter(scope.getValue()), LimiterMXBean.class),
            scope.getKey());
      }
    }
  }

  /** Their number is bounded by the metrics' own bound on models. */
  private void models(MBeanServer server) throws JMException {
    for (Meter meter : metrics.meters()) {
      if (meter.metric() == Metric.INFLIGHT && models.add(meter)) {
        Map<String, String> tags = meter.tags();
        register(
            server,
            DescribedMBean.of(new Model(tags), ModelMXBean.class),
            new ObjectName(
                DOMAIN
                    + ":type=Model,provider="
                    + ObjectName.quote(tags.get("provider"))
                    + ",model="
                    + ObjectName.quote(tags.get("model"))));
      }
    }
  }

  private static void register(MBeanServer server, StandardMBean bean, ObjectName name)
      throws JMException {
    try {
      server.registerMBean(bean, name);
    } catch (InstanceAlreadyExistsException taken) {
      // Another one of us would be refused by the first; leave theirs in place.
    }
  }

  private static ObjectName name(ScopeView scope) throws JMException {
    return new ObjectName(
        DOMAIN
            + ":type=Limiter,provider="
            + ObjectName.quote(scope.provider())
            + ",owner="
            + ObjectName.quote(scope.owner())
            + ",model="
            + ObjectName.quote(cut(scope.model())));
  }

  private static String cut(String model) {
    return model.length() <= 128 ? model : model.substring(0, 128);
  }

  private long count(Metric metric, Map<String, String> where) {
    return of(metric, where).mapToLong(meter -> (long) meter.read().number()).sum();
  }

  private Stream<Meter> of(Metric metric, Map<String, String> where) {
    return metrics.meters().stream()
        .filter(meter -> meter.metric() == metric)
        .filter(meter -> meter.tags().entrySet().containsAll(where.entrySet()));
  }

  private Optional<ScopeView> now(ScopeView scope) {
    return scopes.get().stream()
        .filter(
            other ->
                other.provider().equals(scope.provider())
                    && other.owner().equals(scope.owner())
                    && other.model().equals(scope.model()))
        .findFirst();
  }

  private final class Agent implements AgentMXBean {
    @Override
    public String getVersion() {
      return version;
    }

    @Override
    public String getMode() {
      return control.mode();
    }

    @Override
    public boolean isEnabled() {
      return control.enabled();
    }

    @Override
    public long getCalls() {
      return count(Metric.CALLS, Map.of());
    }

    @Override
    public long getAttempts() {
      return count(Metric.ATTEMPTS, Map.of());
    }

    @Override
    public long getRateLimited() {
      return count(Metric.RATE_LIMITED, Map.of("source", "upstream"));
    }

    @Override
    public int getWaiting() {
      return scopes.get().stream().mapToInt(ScopeView::waiting).sum();
    }

    @Override
    public long getAgentErrors() {
      return count(Metric.AGENT_ERRORS, Map.of());
    }

    @Override
    public long getPermitsOutstanding() {
      return control.permitsOutstanding();
    }

    @Override
    public long getAttemptsOpen() {
      return control.attemptsOpen();
    }

    @Override
    public long getCallsOpen() {
      return control.callsOpen();
    }

    @Override
    public void enable() {
      control.enable();
    }

    @Override
    public void disable() {
      control.disable();
    }
  }

  private final class Limiter implements LimiterMXBean {
    private final ScopeView scope;

    Limiter(ScopeView scope) {
      this.scope = scope;
    }

    @Override
    public long getGateClosedMillis() {
      return now(scope).map(ScopeView::gateClosedMillis).orElse(0L);
    }

    @Override
    public int getWaiting() {
      return now(scope).map(ScopeView::waiting).orElse(0);
    }

    @Override
    public long getOldestWaitMillis() {
      return now(scope).map(ScopeView::oldestWaitMillis).orElse(0L);
    }
  }

  private final class Model implements ModelMXBean {
    private final Map<String, String> tags;

    Model(Map<String, String> tags) {
      this.tags = tags;
    }

    @Override
    public long getCalls() {
      return count(Metric.CALLS, tags);
    }

    @Override
    public long getAttempts() {
      return count(Metric.ATTEMPTS, tags);
    }

    @Override
    public long getRateLimited() {
      Map<String, String> upstream = new HashMap<>(tags);
      upstream.put("source", "upstream");
      return count(Metric.RATE_LIMITED, upstream);
    }

    @Override
    public long getRetries() {
      return count(Metric.RETRIES, tags);
    }

    @Override
    public long getGiveUps() {
      return count(Metric.GIVE_UPS, tags);
    }

    @Override
    public double getWaitSeconds() {
      return of(Metric.WAIT, tags)
          .map(Meter::read)
          .mapToDouble(reading -> ((Reading.Distribution) reading).sumSeconds())
          .sum();
    }
  }
}
