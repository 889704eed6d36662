package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.config.CallFacts;
import dev.paceline.config.Policy;
import dev.paceline.config.Sharing;
import dev.paceline.config.TenantSource;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Client;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose a call is, and how much it matters. */
class CallClassesTest {
  private final TestCalls test = new TestCalls();
  private List<TenantSource> sources = List.of();
  private boolean shares;
  private boolean asks;
  private @Nullable CallOrigin here;
  private final List<String> threads = new ArrayList<>();

  private final CallClasses classes =
      new CallClasses(
          new Policies() {
            @Override
            public boolean enabled() {
              return true;
            }

            @Override
            public Policy policyFor(String provider, String model, String host) {
              return test.policy;
            }

            @Override
            public Policy policyFor(String provider, String model, String host, CallFacts call) {
              threads.add(call.thread());
              return test.policy.withSharing(Sharing.of(Priority.BACKGROUND));
            }

            @Override
            public boolean asksMoreOfCalls() {
              return asks;
            }

            @Override
            public boolean sharesByRules() {
              return shares;
            }

            @Override
            public List<TenantSource> tenantSources() {
              return sources;
            }

            @Override
            public @Nullable CallOrigin origin() {
              return here;
            }
          },
          String::hashCode);

  private static RequestInfo request(Map<String, String> headers, @Nullable CallOrigin origin) {
    return new RequestInfo(
        Client.OKHTTP,
        new Endpoint("openai", Operation.GENERATION, "", ""),
        "POST",
        "api.openai.com",
        TestCalls.headers(headers),
        true,
        RequestInfo.NO_DEADLINE,
        false,
        origin);
  }

  private CallClass of(Map<String, String> headers, String body) {
    RequestContent content = RequestContent.of(body.getBytes(StandardCharsets.UTF_8));
    return classes.of(request(headers, null), content, test.policy);
  }

  private static TenantSource source(TenantSource.Kind kind, String name) {
    return new TenantSource(kind, name);
  }

  @Test
  void allCallsAreOneObjectWhileNobodyAsks() {
    assertThat(of(Map.of(), "{\"user\":\"u\"}")).isSameAs(CallClass.USUAL);
    assertThat(of(Map.of("x-gateway-inference-fairness-id", "t"), "{}"))
        .as("meant for a gateway behind us")
        .isSameAs(CallClass.USUAL);
  }

  @Test
  void headersSayItWithoutAnyRule() {
    CallClass kind =
        of(Map.of("x-paceline-priority", "Interactive", "x-paceline-tenant", "acme"), "{}");
    assertThat(kind.priority()).isEqualTo(Priority.INTERACTIVE);
    assertThat(kind.tenant()).isEqualTo("acme");
    assertThat(of(Map.of("x-paceline-priority", "urgent"), "{}").priority())
        .as("a word that is none")
        .isEqualTo(Priority.NORMAL);
  }

  @Test
  void theGatewaysNamesAreReadWhereRulesAsk() {
    shares = true;
    CallClass kind =
        of(
            Map.of(
                "x-gateway-inference-fairness-id",
                "t",
                "x-gateway-inference-objective",
                "background"),
            "{}");
    assertThat(kind.tenant()).isEqualTo("t");
    assertThat(kind.priority()).isEqualTo(Priority.BACKGROUND);
  }

  @Test
  void theFirstSourceThatIsThereNamesTheTenant() {
    sources =
        List.of(
            source(TenantSource.Kind.HEADER, "X-Tenant-Id"),
            source(TenantSource.Kind.BODY, "metadata.user_id"),
            source(TenantSource.Kind.BAGGAGE, "tenant"));
    assertThat(of(Map.of("X-Tenant-Id", " a "), "{\"metadata\":{\"user_id\":\"b\"}}").tenant())
        .isEqualTo("a");
    assertThat(of(Map.of("X-Tenant-Id", " "), "{\"metadata\":{\"user_id\":\"b\"}}").tenant())
        .isEqualTo("b");
    assertThat(of(Map.of("baggage", "x=1, tenant=c%20d;p=1"), "{}").tenant()).isEqualTo("c d");
    assertThat(of(Map.of(), "{}").tenant()).isEmpty();
    here = new CallOrigin("t", List.of(), "ofThread");
    assertThat(of(Map.of("baggage", "tenant=c"), "{}").tenant()).isEqualTo("ofThread");
  }

  @Test
  void longNamesAreShortenedAndStayApart() {
    String one = of(Map.of("x-paceline-tenant", "t".repeat(300) + "1"), "{}").tenant();
    String other = of(Map.of("x-paceline-tenant", "t".repeat(300) + "2"), "{}").tenant();
    assertThat(one).hasSizeLessThanOrEqualTo(100).isNotEqualTo(other);
  }

  @Test
  void rulesAreAskedWithTheThreadThatMadeTheCall() {
    BodyFacts facts = new BodyFacts("gpt-4o", true, false, false);
    classes.policy("openai", request(Map.of(), null), facts);
    assertThat(threads).as("no rule asks").isEmpty();
    asks = true;
    here = new CallOrigin("OkHttp Dispatcher", List.of(), null);
    classes.policy("openai", request(Map.of(), null), facts);
    classes.policy("openai", request(Map.of(), new CallOrigin("batch-1", List.of(), null)), facts);
    assertThat(threads).containsExactly("OkHttp Dispatcher", "batch-1");
  }
}
