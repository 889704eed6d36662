package dev.paceline.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.diagnosis.Finding.Kind;
import dev.paceline.diagnosis.Finding.Severity;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitView;
import dev.paceline.words.ScopeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DiagnosisTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;

  /** Name, state, what is to be said of it, in this order. */
  static Stream<Arguments> cases() {
    return Stream.of(
        aCase(
            "nothing has happened",
            List.of(),
            "ALL_WELL FINE: No call to an LLM in the last 15 min"),
        aCase(
            "calls, and no limit near",
            List.of(gpt().limit(Limit.RPM, 500, 480, .05, 0).quarter(calls(1_204))),
            "ALL_WELL FINE: No problems: 1,204 calls in the last 15 min, no 429 response, none"
                + " queued"),
        aCase(
            "a few refusals that were waited out",
            List.of(gpt().quarter(new Counts(900, 903, Map.of(Limit.RPM, 3L), 0, 0, 3, 0))),
            "ALL_WELL FINE: No problems: 900 calls in the last 15 min, 3 429 responses, 3 queued"),
        aCase(
            "the issue's example",
            List.of(
                gpt()
                    .limit(Limit.RPM, 500, 450, .1, 0)
                    .limit(Limit.TPM, 30_000, 2_400, .92, 11 * MINUTE)
                    .waiting(3, 4_200)
                    .binding(Limit.TPM)),
            "SATURATED WARNING: TPM is the binding limit of gpt-4o: 92 % used, saturated for 11"
                + " min; 3 calls wait, the oldest for 4.2 s; a higher tier or shorter prompts would"
                + " help, more retries would not"),
        aCase(
            "used up, and nobody feels it",
            List.of(gpt().limit(Limit.RPM, 500, 40, .92, MINUTE)),
            "SATURATED NOTICE: RPM is the binding limit of gpt-4o: 92 % used, saturated for 1 min;"
                + " queue empty; a higher tier or fewer, larger requests would help, more retries"
                + " would not"),
        aCase(
            "only just used up",
            List.of(gpt().limit(Limit.RPM, 500, 5, .99, 400)),
            "SATURATED NOTICE: RPM is the binding limit of gpt-4o: 99 % used; queue empty; a"
                + " higher tier or fewer, larger requests would help, more retries would not"),
        aCase(
            "a day's limit says when it ends",
            List.of(
                gpt()
                    .limit(
                        new LimitView(Limit.RPD, 200, 0, 24 * HOUR, 3 * HOUR, "fixed", 200, 0),
                        1,
                        30 * MINUTE)
                    .waiting(1, 500)),
            "SATURATED WARNING: RPD is the binding limit of gpt-4o: 100 % used, saturated for 30"
                + " min; 1 call waits, for 0.5 s; resets in 3 h; a higher tier or less work a day"
                + " would help, more retries would not"),
        aCase(
            "others take a good part of it",
            List.of(
                gpt()
                    .limit(
                        new LimitView(
                            Limit.OTPM, 8_000, 100, MINUTE, MINUTE, "continuous", 9_000, 3_200),
                        .99,
                        2 * MINUTE)),
            "SATURATED NOTICE: OTPM is the binding limit of gpt-4o: 99 % used, saturated for 2 min;"
                + " queue empty; a higher tier or a smaller max_tokens would help, more retries"
                + " would not; other processes with the same key use about 40 % of it"),
        aCase(
            "no header says anything, refusals do",
            List.of(
                gpt()
                    .waiting(12, 9_900)
                    .closed(1_500)
                    .binding(Limit.RPM)
                    .five(new Counts(80, 100, Map.of(Limit.RPM, 20L), 0, 0, 12, 0))),
            "SATURATED WARNING: RPM is the binding limit of gpt-4o: 20 requests rejected in the"
                + " last 5 min; 12 calls wait, the oldest for 9.9 s; a higher tier or fewer, larger"
                + " requests would help, more retries would not"),
        aCase(
            "refusals that do not say by what",
            List.of(
                gpt()
                    .waiting(1, 100)
                    .binding(Limit.UNKNOWN)
                    .five(new Counts(9, 10, Map.of(Limit.UNKNOWN, 1L), 0, 0, 1, 0))),
            "SATURATED WARNING: A limit that no header shows is rejecting gpt-4o: 1 request"
                + " rejected in the last 5 min; 1 call waits, for 0.1 s; a higher tier or fewer"
                + " calls would help, more retries would not"),
        aCase(
            "whose prompts fill the tokens",
            List.of(
                gpt()
                    .limit(Limit.TPM, 30_000, 0, 1, 5 * MINUTE)
                    .binding(Limit.TPM)
                    .sent(100, 510_000),
                gpt().model("gpt-4o-mini").sent(10, 102_000)),
            "SATURATED NOTICE: TPM is the binding limit of gpt-4o: 100 % used, saturated for 5 min;"
                + " queue empty; a higher tier or shorter prompts would help, more retries would"
                + " not",
            "PROMPTS NOTICE: A call to gpt-4o is charged 5,100 tokens on average, 83 % of this key's"
                + " tokens, so its TPM of 30,000 admits 5 a minute; shorter prompts or a"
                + " smaller max_tokens admit more"),
        aCase(
            "the agent refuses what its callers cannot wait for",
            List.of(
                gpt()
                    .model("o4-mini")
                    .waiting(6, 4_400)
                    .binding(Limit.RPM)
                    .five(
                        new Counts(
                            2_474,
                            168,
                            Map.of(Limit.RPM, 22L),
                            0,
                            0,
                            160,
                            0,
                            Map.of(
                                Failure.WAIT_TOO_LONG,
                                2_305L,
                                Failure.RATE_LIMITED,
                                23L,
                                Failure.CANCELLED,
                                9L)))),
            "FAILING CRITICAL: 94 % of the calls to o4-mini failed in the last 5 min: 2,328 of"
                + " 2,474; Paceline answered 2,305 itself (the wait would be too long), openai"
                + " rejected 23 (rate limits); callers give up sooner than the queue serves"
                + " them: longer timeouts, fewer calls or a higher tier would help;"
                + " paceline.on-deadline=send sends such calls anyway",
            "SATURATED WARNING: RPM is the binding limit of o4-mini: 22 requests rejected in the"
                + " last 5 min; 6 calls wait, the oldest for 4.4 s; a higher tier or fewer, larger"
                + " requests would help, more retries would not"),
        aCase(
            "the model that fails most comes first",
            List.of(
                gpt().five(failing(100, 4, Failure.SERVER_ERROR)),
                gpt().model("o3").five(failing(10, 9, Failure.IO_ERROR))),
            "FAILING CRITICAL: 90 % of the calls to o3 failed in the last 5 min: 9 of 10; 9 got no"
                + " answer; connections failed, or the clients' own timeouts passed",
            "FAILING WARNING: 4 % of the calls to gpt-4o failed in the last 5 min: 4 of 100; openai"
                + " rejected 4 (server errors); another model, region or provider would help, a"
                + " higher tier would not"),
        aCase(
            "what the application cancels is its own doing",
            List.of(
                gpt()
                    .five(failing(10, 9, Failure.CANCELLED))
                    .quarter(failing(10, 9, Failure.CANCELLED))),
            "ALL_WELL FINE: No problems: 10 calls in the last 15 min, no 429 response, none"
                + " queued"),
        aCase(
            "a model's operation is no part of its name",
            List.of(
                gpt().model("text-embedding-3-small#embedding").limit(Limit.RPM, 500, 5, .99, 400)),
            "SATURATED NOTICE: RPM is the binding limit of text-embedding-3-small: 99 % used;"
                + " queue empty; a higher tier or fewer, larger requests would help, more retries"
                + " would not"),
        aCase(
            "callers have a timeout that no client shows",
            List.of(
                gpt()
                    .waiting(9, 8_000)
                    .callers(10_040, 14_000)
                    .quarter(failing(154, 54, Failure.CANCELLED))),
            "CALLER_DEADLINE WARNING: Calls to gpt-4o are cancelled by the application after 10 s;"
                + " the queue is 14 s; 54 calls cancelled in the last 15 min; calls that cannot"
                + " make it are not queued any more (paceline.on-deadline); a longer read timeout"
                + " or time limiter, fewer calls or a higher tier would help"),
        aCase(
            "the quota is used up",
            List.of(gpt().five(new Counts(12, 12, Map.of(Limit.QUOTA, 12L), 0, 0, 0, 0))),
            "QUOTA_EXHAUSTED CRITICAL: The plan or credit with openai is used up: 12 attempts at"
                + " gpt-4o in the last 5 min were rejected for it; more credit or a higher spending"
                + " limit with the provider is needed; waiting and retrying do not help"),
        aCase(
            "the provider is overloaded while our limits have room",
            List.of(
                gpt()
                    .limit(Limit.RPM, 500, 440, .12, 0)
                    .limit(Limit.TPM, 30_000, 20_000, .3, 0)
                    .binding(Limit.CAPACITY)
                    .closed(800)
                    .five(new Counts(30, 40, Map.of(Limit.CAPACITY, 8L), 8, 0, 8, 0))),
            "PROVIDER_TROUBLE WARNING: openai is having problems: 8 of 40 attempts at gpt-4o in the"
                + " last 5 min got an overload or server error while its limits have quota left"
                + " (RPM 12 %, TPM 30 % used); another model, region or provider would help, a"
                + " higher tier would not"),
        aCase(
            "server errors without any header",
            List.of(gpt().five(new Counts(30, 40, Map.of(), 4, 0, 0, 0))),
            "PROVIDER_TROUBLE WARNING: openai is having problems: 4 of 40 attempts at gpt-4o in"
                + " the last 5 min got an overload or server error; another model, region or"
                + " provider would help, a higher tier would not"),
        aCase(
            "two server errors are noise",
            List.of(gpt().five(new Counts(30, 40, Map.of(), 2, 0, 0, 0)).quarter(calls(30))),
            "ALL_WELL FINE: No problems: 30 calls in the last 15 min, no 429 response, none"
                + " queued"),
        aCase(
            "429s while the headers show room",
            List.of(
                gpt()
                    .limit(Limit.RPM, 500, 440, .12, 0)
                    .binding(Limit.RPM)
                    .closed(500)
                    .five(new Counts(195, 200, Map.of(Limit.RPM, 5L), 0, 0, 5, 0))),
            "PROVIDER_TROUBLE WARNING: openai rejects gpt-4o although its headers show quota left:"
                + " 5 of 200 requests in the last 5 min (RPM 12 % used); a limit that no header"
                + " shows, such as one on bursts, or the provider's own load: smoother traffic"
                + " would help, a higher tier might not"),
        aCase(
            "others use the key",
            List.of(
                gpt()
                    .limit(Limit.RPM, 500, 440, .12, 0)
                    .ownHour(.003)
                    .watched(HOUR)
                    .five(new Counts(8, 12, Map.of(Limit.RPM, 4L), 0, 0, 0, 0))
                    .quarter(new Counts(8, 12, Map.of(Limit.RPM, 4L), 0, 0, 0, 0))),
            "KEY_SHARED WARNING: Others use the key or project of gpt-4o: 4 requests rejected in"
                + " the last 15 min although this process used 0.3 % of its limits in the last"
                + " hour; a key or project of its own for this application would help, a slower"
                + " pace would not"),
        aCase(
            "too early to say that others use the key",
            List.of(
                gpt()
                    .limit(Limit.RPM, 500, 440, .12, 0)
                    .ownHour(.003)
                    .watched(HOUR - 1)
                    .quarter(new Counts(8, 10, Map.of(Limit.RPM, 2L), 0, 0, 0, 0))),
            "ALL_WELL FINE: No problems: 8 calls in the last 15 min, 2 429 responses, none queued"),
        aCase(
            "an SDK repeats on top of us",
            List.of(gpt().quarter(new Counts(100, 100, Map.of(), 0, 40, 0, 0))),
            "SDK_RETRIES NOTICE: SDK or application retries multiply the calls to gpt-4o by 1.7: 40"
                + " of 100 calls in the last 15 min repeat an earlier one; switch the SDK's own"
                + " retries off (max retries 0): the agent already retries what can succeed"),
        aCase(
            "calls that wait for minutes fit a batch API",
            List.of(gpt().quarter(new Counts(100, 100, Map.of(), 0, 0, 40, 12))),
            "BATCH NOTICE: 12 calls to gpt-4o were queued for a minute or more in the last 15 min;"
                + " work that can wait fits openai's batch API, which has limits of its own and"
                + " usually half the price"),
        aCase(
            "one that waits for minutes at this moment",
            List.of(gpt().waiting(1, 130_000).quarter(calls(5))),
            "BATCH NOTICE: A call to gpt-4o has waited 2 min; work that can wait fits openai's"
                + " batch API, which has limits of its own and usually half the price"),
        aCase(
            "a provider without a batch API",
            List.of(gpt().provider("ollama").quarter(new Counts(9, 9, Map.of(), 0, 0, 9, 9))),
            "ALL_WELL FINE: No problems: 9 calls in the last 15 min, no 429 response, 9 queued"),
        aCase(
            "what matters most comes first",
            List.of(
                gpt().limit(Limit.RPM, 500, 40, .92, MINUTE),
                gpt().model("o3").five(new Counts(1, 1, Map.of(Limit.QUOTA, 1L), 0, 0, 0, 0))),
            "QUOTA_EXHAUSTED CRITICAL: The plan or credit with openai is used up: 1 attempt at o3"
                + " in the last 5 min was rejected for it; more credit or a higher spending limit"
                + " with the provider is needed; waiting and retrying do not help",
            "SATURATED NOTICE: RPM is the binding limit of gpt-4o: 92 % used, saturated for 1 min;"
                + " queue empty; a higher tier or fewer, larger requests would help, more retries"
                + " would not"),
        aCase(
            "counts that several owners of a model share are told once",
            List.of(
                gpt().five(new Counts(30, 40, Map.of(), 4, 0, 0, 0)),
                gpt().owner("org-2").five(new Counts(30, 40, Map.of(), 4, 0, 0, 0))),
            "PROVIDER_TROUBLE WARNING: openai is having problems: 4 of 40 attempts at gpt-4o in"
                + " the last 5 min got an overload or server error; another model, region or"
                + " provider would help, a higher tier would not"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void says(String name, List<State> states, List<String> said) {
    List<Finding> findings = Diagnosis.of(states.stream().map(State::situation).toList());
    assertThat(findings)
        .extracting(f -> f.kind() + " " + f.severity() + ": " + f.text())
        .containsExactlyElementsOf(said);
  }

  @Test
  void aWaitThatHasJustBegunIsNoWaitOfNothing() {
    Finding finding =
        only(gpt().limit(Limit.RPM, 500, 5, .99, 400).binding(Limit.RPM).waiting(2, 12));
    assertThat(finding.sentence()).endsWith("; 2 calls wait, the oldest for less than 0.1 s");
  }

  @Test
  void theSameThingKeepsItsKeyWhateverItsFigures() {
    Finding one = only(gpt().limit(Limit.RPM, 500, 40, .92, MINUTE));
    Finding later = only(gpt().limit(Limit.RPM, 500, 0, 1, 9 * MINUTE).waiting(3, 1_000));
    Finding otherOwner = only(gpt().owner("org-2").limit(Limit.RPM, 500, 40, .92, MINUTE));
    assertThat(later.key()).isEqualTo(one.key());
    assertThat(otherOwner.key()).isNotEqualTo(one.key());
    assertThat(later.severity()).isEqualTo(Severity.WARNING);
    assertThat(one.limit()).isEqualTo(Limit.RPM);
  }

  @Test
  void aNameOutOfARequestCannotForgeALine() {
    Finding finding =
        only(
            gpt()
                .model("x\nERROR forged \u001b[31m\u202e\uD800" + "y".repeat(200))
                .limit(Limit.RPM, 500, 40, .92, MINUTE));
    assertThat(finding.model()).startsWith("x?ERROR forged ?[31m??yy").endsWith("y…").hasSize(65);
    assertThat(finding.text()).doesNotContain("\n").doesNotContain("\u001b");
    assertThat(finding.kind()).isEqualTo(Kind.SATURATED);
  }

  private static Finding only(State state) {
    List<Finding> findings = Diagnosis.of(List.of(state.situation()));
    assertThat(findings).hasSize(1);
    return findings.get(0);
  }

  private static Arguments aCase(String name, List<State> states, String... said) {
    return Arguments.of(name, states, List.of(said));
  }

  private static Counts calls(long calls) {
    return new Counts(calls, calls, Map.of(), 0, 0, 0, 0);
  }

  private static Counts failing(long calls, long failed, Failure why) {
    return new Counts(calls, calls, Map.of(), 0, 0, 0, 0, Map.of(why, failed));
  }

  private static State gpt() {
    return new State();
  }

  /** A scope's state, said step by step. */
  private static final class State {
    private String provider = "openai";
    private String owner = "org-1";
    private String model = "gpt-4o";
    private final List<LimitUsage> uses = new ArrayList<>();
    private Limit binding = Limit.UNKNOWN;
    private long closed;
    private int waiting;
    private long oldest;
    private long callers;
    private long predicted;
    private double ownHour = .5;
    private long watched;
    private long requests;
    private long tokens;
    private Counts five = Counts.NONE;
    private Counts quarter = Counts.NONE;

    State provider(String value) {
      provider = value;
      return this;
    }

    State owner(String value) {
      owner = value;
      return this;
    }

    State model(String value) {
      model = value;
      return this;
    }

    State limit(Limit limit, long max, long left, double used, long saturated) {
      return limit(
          new LimitView(limit, max, left, MINUTE, MINUTE, "continuous", 0, 0), used, saturated);
    }

    State limit(LimitView view, double used, long saturated) {
      uses.add(new LimitUsage(view, used, saturated, 0));
      return this;
    }

    State binding(Limit limit) {
      binding = limit;
      return this;
    }

    State closed(long millis) {
      closed = millis;
      return this;
    }

    State waiting(int calls, long oldestMillis) {
      waiting = calls;
      oldest = oldestMillis;
      return this;
    }

    State callers(long deadlineMillis, long queueMillis) {
      callers = deadlineMillis;
      predicted = queueMillis;
      return this;
    }

    State ownHour(double part) {
      ownHour = part;
      return this;
    }

    State watched(long millis) {
      watched = millis;
      return this;
    }

    State sent(long calls, long charged) {
      requests = calls;
      tokens = charged;
      return this;
    }

    State five(Counts counts) {
      five = counts;
      return this;
    }

    State quarter(Counts counts) {
      quarter = counts;
      return this;
    }

    ScopeStats situation() {
      List<LimitView> limits = uses.stream().map(LimitUsage::now).toList();
      return new ScopeStats(
          new ScopeView(
              provider, owner, model, closed, waiting, oldest, binding, 0, requests, tokens, 0, 0,
              predicted, callers, limits),
          uses.stream()
              .map(u -> new LimitUsage(u.now(), u.used(), u.saturatedMillis(), ownHour))
              .toList(),
          five,
          quarter,
          watched,
          requests,
          tokens);
    }
  }
}
