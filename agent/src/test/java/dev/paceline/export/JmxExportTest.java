package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Source;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import dev.paceline.words.ScopeView;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMException;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JmxExportTest {
  private static final CallInfo CALL = new CallInfo(Client.JDK, "openai", "gpt-4o");

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final CallMetrics metrics = new CallMetrics();
  private final AtomicBoolean enabled = new AtomicBoolean(true);
  private List<ScopeView> scopes = List.of(scope("org=1,\"x\"*", 3));
  private final JmxExport jmx = new JmxExport(metrics, () -> scopes, new Operator(), "1.2.3");

  @BeforeEach
  void call() throws JMException {
    metrics.callStarted(CALL);
    metrics.attemptSent(CALL, 1);
    metrics.attemptEnded(CALL, 1, 429);
    metrics.limited(CALL, Limit.TPM, Source.UPSTREAM);
    metrics.callEnded(CALL, Outcome.RATE_LIMITED, 1_000);
    jmx.tick();
  }

  @AfterEach
  void unregister() throws JMException {
    for (ObjectName name : server.queryNames(new ObjectName("dev.paceline:*"), null)) {
      server.unregisterMBean(name);
    }
  }

  @Test
  void theAgentShowsItsTotals() throws JMException {
    ObjectName agent = new ObjectName("dev.paceline:type=Agent");

    assertThat(server.getAttribute(agent, "Version")).isEqualTo("1.2.3");
    assertThat(server.getAttribute(agent, "Mode")).isEqualTo("enforce");
    assertThat(server.getAttribute(agent, "Calls")).isEqualTo(1L);
    assertThat(server.getAttribute(agent, "Attempts")).isEqualTo(1L);
    assertThat(server.getAttribute(agent, "RateLimited")).isEqualTo(1L);
    assertThat(server.getAttribute(agent, "Waiting")).isEqualTo(3);
  }

  @Test
  void everythingSaysWhatItMeans() throws JMException {
    List<String> texts = new ArrayList<>();
    for (ObjectName name : server.queryNames(new ObjectName("dev.paceline:*"), null)) {
      MBeanInfo info = server.getMBeanInfo(name);
      texts.add(info.getDescription());
      for (MBeanFeatureInfo[] features :
          List.<MBeanFeatureInfo[]>of(info.getAttributes(), info.getOperations())) {
        for (MBeanFeatureInfo feature : features) {
          assertThat(feature.getDescription()).isNotEqualTo(feature.getName());
          texts.add(feature.getDescription());
        }
      }
    }
    assertThat(texts).hasSize(3 + 13 + 3 + 6).allMatch(text -> text.contains(" "));
    assertThat(texts).noneMatch(text -> text.contains("MBean") || text.contains("exposed"));
  }

  @Test
  void everythingIsReadOnlyButTheSwitch() throws Exception {
    for (ObjectName name : server.queryNames(new ObjectName("dev.paceline:*"), null)) {
      assertThat(server.getMBeanInfo(name).getAttributes()).noneMatch(a -> a.isWritable());
    }
    ObjectName agent = new ObjectName("dev.paceline:type=Agent");
    server.invoke(agent, "disable", new Object[0], new String[0]);
    assertThat(server.getAttribute(agent, "Enabled")).isEqualTo(false);
    server.invoke(agent, "enable", new Object[0], new String[0]);
    assertThat(server.getAttribute(agent, "Enabled")).isEqualTo(true);
  }

  @Test
  void aScopeComesAndGoesWhateverItsNameHolds() throws JMException {
    ObjectName pattern = new ObjectName("dev.paceline:type=Limiter,*");
    ObjectName limiter = server.queryNames(pattern, null).iterator().next();
    assertThat(ObjectName.unquote(limiter.getKeyProperty("owner"))).isEqualTo("org=1,\"x\"*");
    scopes = List.of(scope("org=1,\"x\"*", 7));
    assertThat(server.getAttribute(limiter, "Waiting")).isEqualTo(7);

    scopes = List.of();
    jmx.tick();

    assertThat(server.queryNames(pattern, null)).isEmpty();
  }

  /** A JMX exporter makes three series of each. */
  @Test
  void aThousandScopesAreFiftyBeans() throws JMException {
    scopes =
        java.util.stream.IntStream.range(0, 1_000).mapToObj(i -> scope("org-" + i, 0)).toList();
    jmx.tick();
    ObjectName pattern = new ObjectName("dev.paceline:type=Limiter,*");
    assertThat(server.queryNames(pattern, null)).hasSize(50);

    scopes = scopes.subList(900, 1_000);
    jmx.tick();
    jmx.tick();
    assertThat(server.queryNames(pattern, null)).as("places of those that went").hasSize(50);
  }

  @Test
  void aModelShowsItsCounts() throws JMException {
    ObjectName model =
        new ObjectName("dev.paceline:type=Model,provider=\"openai\",model=\"gpt-4o\"");

    assertThat(server.getAttribute(model, "Calls")).isEqualTo(1L);
    assertThat(server.getAttribute(model, "RateLimited")).isEqualTo(1L);
    assertThat(server.getAttribute(model, "WaitSeconds")).isEqualTo(0.0);
  }

  private static ScopeView scope(String owner, int waiting) {
    return new ScopeView(
        "openai", owner, "gpt-4o", 0, waiting, 0, Limit.UNKNOWN, 0, 0, 0, List.of());
  }

  private final class Operator implements JmxExport.Control {
    @Override
    public String mode() {
      return "enforce";
    }

    @Override
    public boolean enabled() {
      return enabled.get();
    }

    @Override
    public void enable() {
      enabled.set(true);
    }

    @Override
    public void disable() {
      enabled.set(false);
    }
  }
}
