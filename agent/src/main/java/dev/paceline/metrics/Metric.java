package dev.paceline.metrics;

import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.call.CallListener.GiveUpReason;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.call.CallListener.Remedy;
import dev.paceline.call.CallListener.RetryReason;
import dev.paceline.call.CallListener.Source;
import dev.paceline.call.CallListener.TokenKind;
import dev.paceline.call.CallListener.TokenType;
import dev.paceline.call.CallListener.WaitReason;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The catalogue: every metric with its kind, description and tags. Names and tag values are public
 * API.
 */
public enum Metric {
  /** First of all: which model ran into which limit. */
  RATE_LIMITED(
      "paceline.rate.limited",
      Kind.COUNTER,
      "Answers judged to be a limit, quota or overload answer, by the limit that was hit",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("source", Source.values()),
      Key.of("limit", Limit.values())),
  TOO_LARGE(
      "paceline.too.large",
      Kind.COUNTER,
      "Answers saying that this one request is larger than a limit or the model's context",
      Key.PROVIDER,
      Key.MODEL),
  CALLS(
      "paceline.calls",
      Kind.COUNTER,
      "Calls of the application, by what the application saw",
      Key.PROVIDER,
      Key.MODEL,
      Key.CLIENT,
      Key.of("outcome", Outcome.values())),
  ATTEMPTS(
      "paceline.attempts",
      Kind.COUNTER,
      "HTTP requests on the wire, by the status that came back",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("status", StatusClass.values())),
  WAIT(
      "paceline.wait",
      Kind.TIMER,
      "Time that calls were held by the agent, by the limit that held them",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values()),
      Key.of("reason", WaitReason.values())),
  RETRIES(
      "paceline.retries",
      Kind.COUNTER,
      "Further attempts that the agent decided on, by what made them necessary",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("reason", RetryReason.values())),
  GIVE_UPS(
      "paceline.give.ups",
      Kind.COUNTER,
      "Error answers handed to the application that a further attempt might have cured",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("reason", GiveUpReason.values())),
  REPEATED_CALLS(
      "paceline.repeated.calls",
      Kind.COUNTER,
      "Calls in which an SDK or a loop above the agent repeated an earlier one",
      Key.PROVIDER,
      Key.MODEL),
  OBSERVE_AVOIDABLE(
      "paceline.observe.avoidable",
      Kind.COUNTER,
      "Limit answers that the application got in observe mode and that enforcing would have spared"
          + " it",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("by", Remedy.values())),
  INFLIGHT(
      "paceline.inflight",
      Kind.GAUGE,
      "Attempts on the wire whose headers are not here yet",
      Key.PROVIDER,
      Key.MODEL),
  LIMIT_UTILIZATION(
      "paceline.limit.utilization",
      Kind.GAUGE,
      "The most of an announced limit that was used within the last minute, from 0 to 1, where it"
          + " was used most",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values())),
  TOKENS(
      "paceline.tokens",
      Kind.COUNTER,
      "Tokens of requests and answers, estimated when a call leaves and as the provider reports them",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("kind", TokenKind.values()),
      Key.of("type", TokenType.values())),
  REQUEST_TOKENS(
      "paceline.request.tokens",
      Kind.HISTOGRAM,
      "Estimated tokens of the prompt, a call",
      Key.PROVIDER,
      Key.MODEL),
  TOKEN_ESTIMATE_RATIO(
      "paceline.token.estimate.ratio",
      Kind.HISTOGRAM,
      "Reported tokens of the prompt as a multiple of the estimate",
      Key.PROVIDER,
      Key.MODEL),
  OVERHEAD("paceline.overhead", Kind.TIMER, "The agent's own time in one call, waits left out"),
  AGENT_ERRORS(
      "paceline.agent.errors",
      Kind.COUNTER,
      "Faults inside the agent; the calls went on without it",
      new Key("component", Components.KNOWN)),
  BYPASSED(
      "paceline.bypassed",
      Kind.COUNTER,
      "Recognised calls that the agent let through without looking after them",
      Key.of("reason", BypassReason.values())),
  INSTRUMENTATION_ACTIVE(
      "paceline.instrumentation.active",
      Kind.GAUGE,
      "Whether the client is instrumented in this process: 0 or 1",
      Key.CLIENT),
  MODE("paceline.mode", Kind.GAUGE, "What the agent does: 0 observe, 1 enforce"),
  CONFIG_RELOADS(
      "paceline.config.reloads",
      Kind.COUNTER,
      "Times that a changed configuration file was read",
      new Key("result", List.of("ok", "failed"))),
  SERIES_OVERFLOW(
      "paceline.series.overflow",
      Kind.COUNTER,
      "Calls counted under the value other because the tag had its allowed number of values",
      new Key("tag", List.of("provider", "model")));

  private final String id;
  private final Kind kind;
  private final String description;
  private final List<Key> keys;

  Metric(String id, Kind kind, String description, Key... keys) {
    this.id = id;
    this.kind = kind;
    this.description = description;
    this.keys = List.of(keys);
  }

  /**
   * The dotted name, without a unit and without {@code _total}: exporters add what their format
   * asks for.
   */
  public String id() {
    return id;
  }

  /** What sort of number it is. */
  public Kind kind() {
    return kind;
  }

  /** Whether a reading of it is a {@link Reading.Distribution}. */
  public boolean distributes() {
    return kind == Kind.TIMER || kind == Kind.HISTOGRAM;
  }

  /** One sentence for the scrape's HELP line and the docs. */
  public String description() {
    return description;
  }

  /**
   * Its tags, in the order in which {@link Meter#values()} holds their values. The same for every
   * series.
   */
  public List<Key> keys() {
    return keys;
  }

  /** What sort of number a metric is. */
  public enum Kind {
    /** Only grows. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** A histogram of durations in seconds. */
    TIMER,
    /** A histogram of other sizes, in the unit that the metric's name says. */
    HISTOGRAM
  }

  /**
   * A tag of a metric.
   *
   * @param name the tag's name
   * @param values the values it can take; empty when the set is open (and bounded by {@link
   *     BoundedNames})
   */
  public record Key(String name, List<String> values) {
    static final Key PROVIDER = new Key("provider", List.of());
    static final Key MODEL = new Key("model", List.of());
    static final Key CLIENT = of("client", Client.values());

    public Key {
      values = List.copyOf(values);
    }

    static Key of(String name, Enum<?>[] values) {
      List<String> tags = new ArrayList<>(values.length);
      for (Enum<?> value : values) {
        tags.add(tag(value));
      }
      return new Key(name, tags);
    }

    private static String tag(Enum<?> value) {
      if (value instanceof Limit limit) {
        return limit.tag();
      }
      if (value instanceof Client client) {
        return client.tag();
      }
      if (value instanceof RetryReason reason) {
        return reason.tag();
      }
      if (value instanceof StatusClass status) {
        return status.tag();
      }
      return lower(value);
    }

    static String lower(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT);
    }
  }
}
