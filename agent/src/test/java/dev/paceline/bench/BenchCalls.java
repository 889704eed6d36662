package dev.paceline.bench;

import dev.paceline.call.Calls;
import dev.paceline.call.Clock;
import dev.paceline.call.Policies;
import dev.paceline.config.Policy;
import dev.paceline.config.Settings;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.MappedHosts;
import java.nio.charset.StandardCharsets;

/** The call room as the agent wires it, with real clocks and metrics, and a request of 4 KB. */
final class BenchCalls {
  static final byte[] BODY =
      ("{\"model\":\"gpt-4o-mini\",\"temperature\":0.2,\"messages\":[{\"role\":\"user\",\"content\":\""
              + "The quick brown fox jumps over the lazy dog. ".repeat(88)
              + "\"}]}")
          .getBytes(StandardCharsets.UTF_8);

  private BenchCalls() {}

  static Calls calls() {
    Settings settings = Settings.defaults();
    Policies policies =
        new Policies() {
          @Override
          public boolean enabled() {
            return settings.enabled();
          }

          @Override
          public Policy policyFor(String provider, String model, String host) {
            return settings.policyFor(provider, model, host);
          }
        };
    Clock clock =
        new Clock() {
          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public long epochMillis() {
            return System.currentTimeMillis();
          }
        };
    return new Calls(
        clock,
        (at, task) -> () -> {},
        () -> 0.5,
        policies,
        new CallMetrics(50),
        new Recognizer(MappedHosts.NONE),
        new Classifier(),
        String::hashCode,
        line -> {},
        () -> {});
  }
}
