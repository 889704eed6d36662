package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.limit.Cost;
import dev.paceline.tokens.TokenEstimator;
import dev.paceline.tokens.Usage;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Operation;
import dev.paceline.words.Scope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a call is charged, by its provider's rule of admission. */
class CallCostTest {
  /** Ten tokens by the estimate: no template around a completion. */
  private static final String TEN = "{\"prompt\":\"a b c d e f g h i j\"%s}";

  private final VirtualTime time = new VirtualTime();
  private final TokenEstimator pricer =
      new TokenEstimator(
          task -> {
            throw new java.util.concurrent.RejectedExecutionException();
          });

  private ScopeHandle lane(String provider) {
    return new ScopeHandle(
        new Scope(provider, "o", "m"),
        time,
        time,
        new QueueCapacity(new TestCalls().policies),
        new Ledger(),
        t -> {});
  }

  private CallCost price(ScopeHandle lane, String extra) {
    byte[] body = String.format(TEN, extra).getBytes(StandardCharsets.UTF_8);
    Endpoint endpoint = new Endpoint(lane.scope.provider(), Operation.GENERATION, "", "");
    return CallCost.rough(pricer, lane.calibration, endpoint, "m", RequestContent.of(body));
  }

  /** Three answers that cost what was expected: the price is calibrated. */
  private ScopeHandle calibrated(String provider) {
    ScopeHandle lane = lane(provider);
    for (int i = 0; i < 3; i++) {
      price(lane, "").learn(new Usage(10, 0, 0, false, 40));
    }
    return lane;
  }

  @ParameterizedTest
  @CsvSource({
    // provider, input, output set aside with max_tokens 100
    "openai,10,90",
    "azure-openai,10,100",
    "groq,10,100",
    "bedrock,10,100",
    "cerebras,10,100",
    "anthropic,10,0",
    "gemini,10,0",
    "mistral,10,0",
    "ollama,0,0"
  })
  void eachProvidersRuleOfAdmission(String provider, long input, long output) {
    assertThat(price(calibrated(provider), ",\"max_tokens\":100").charge())
        .isEqualTo(new Cost(1, input, output));
  }

  @Test
  void withoutALargestOutputWhatAnswersHadIsSetAside() {
    assertThat(price(lane("groq"), "").charge().outputTokens()).isZero();
    assertThat(price(calibrated("groq"), "").charge().outputTokens()).isEqualTo(40);
    assertThat(price(calibrated("openai"), "").charge()).isEqualTo(new Cost(1, 10, 30));
  }

  @Test
  void anUncalibratedEstimateTakesFourFifthsOfWhatIsLeft() {
    assertThat(price(lane("anthropic"), "").charge().inputTokens()).isEqualTo(13);
    assertThat(price(calibrated("anthropic"), "").charge().inputTokens()).isEqualTo(10);
  }

  @Test
  void whatComesFromTheCacheIsFreeAtSome() {
    for (String provider : List.of("anthropic", "mistral")) {
      ScopeHandle lane = lane(provider);
      for (int i = 0; i < 8; i++) {
        price(lane, "").learn(new Usage(2, i == 3 ? 6 : 8, i == 3 ? 2 : 0, true, 5));
      }
      assertThat(price(lane, "").charge().inputTokens())
          .as(provider)
          .isEqualTo(provider.equals("anthropic") ? 4 : 10);
    }
  }

  @Test
  void theProvidersOwnFigureCorrectsTheCharge() {
    ScopeHandle lane = calibrated("openai");
    byte[] body =
        "{\"error\":{\"message\":\"Rate limit reached on tokens per min (TPM): Limit 30000, Used 29990, Requested 60. Please\"}}"
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 3; i++) {
      price(lane, ",\"max_tokens\":30").requested(body);
    }
    assertThat(price(lane, ",\"max_tokens\":10").charge().inputTokens()).isEqualTo(20);
  }

  @Test
  void requestsThatWereRequestedAreNoTokens() {
    ScopeHandle lane = calibrated("openai");
    price(lane, "")
        .requested(
            "on requests per min (RPM): Limit 3, Used 3, Requested 1. Please"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(price(lane, ",\"max_tokens\":1").charge().inputTokens()).isEqualTo(10);
  }

  @Test
  void mistralsQueryCostCorrectsTheCharge() {
    ScopeHandle lane = calibrated("mistral");
    List.of("15", "16", "15").forEach(price(lane, "")::queryCost);
    price(lane, "").queryCost("no figure");
    price(lane, "").queryCost(null);
    assertThat(price(lane, "").charge().inputTokens()).isEqualTo(15);
  }

  @Test
  void theTableIsAskedForOnlyWhenTheBudgetIsShort() {
    List<Runnable> asked = new ArrayList<>();
    TokenEstimator lazy = new TokenEstimator(asked::add);
    ScopeHandle lane = lane("openai");
    byte[] body = String.format(TEN, "").getBytes(StandardCharsets.UTF_8);
    count(lazy, lane, body);
    assertThat(asked).isEmpty();
    // No room for requests: what the prompt weighs changes nothing.
    refuse(lane, Limit.RPM);
    count(lazy, lane, body);
    assertThat(asked).isEmpty();
    refuse(lane, Limit.TPM);
    count(lazy, lane, body);
    assertThat(asked).hasSize(1);
  }

  /** As a call does when it starts. */
  private static void count(TokenEstimator estimator, ScopeHandle lane, byte[] body) {
    Endpoint endpoint = new Endpoint("openai", Operation.GENERATION, "", "");
    RequestContent content = RequestContent.of(body);
    CallCost rough = CallCost.rough(estimator, lane.calibration, endpoint, "gpt-4o", content);
    Supplier<CallCost> exact = rough.exact(estimator, endpoint, "gpt-4o", content);
    if (exact != null && !lane.admits(rough.ample())) {
      exact.get();
    }
  }

  private static void refuse(ScopeHandle lane, Limit limit) {
    lane.answered(
        lane.sent(Cost.ONE),
        List.of(new LimitReading(limit, 1_000, 0, 60_000, 60_000)),
        limit,
        20 * VirtualTime.SECOND,
        VirtualTime.SECOND,
        60 * VirtualTime.SECOND,
        0.5);
  }
}
