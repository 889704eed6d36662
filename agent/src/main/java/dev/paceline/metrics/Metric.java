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
import dev.paceline.words.Failure;
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
      "Rate-limit, quota and overload responses, by the limit that was hit",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("source", Source.values()),
      Key.of("limit", Limit.values())),
  TOO_LARGE(
      "paceline.too.large",
      Kind.COUNTER,
      "Responses saying that this one request exceeds a limit or the model's context window",
      Key.PROVIDER,
      Key.MODEL),
  CALLS(
      "paceline.calls",
      Kind.COUNTER,
      "Calls made by the application, by outcome",
      Key.PROVIDER,
      Key.MODEL,
      Key.CLIENT,
      Key.of("outcome", Outcome.values())),
  FAILED_CALLS(
      "paceline.failed.calls",
      Kind.COUNTER,
      "Calls that failed, by who said no and why",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("by", Failure.By.values()),
      Key.of("reason", Failure.values())),
  ATTEMPTS(
      "paceline.attempts",
      Kind.COUNTER,
      "HTTP requests sent, by response status",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("status", StatusClass.values())),
  WAIT(
      "paceline.wait",
      Kind.TIMER,
      "Time that calls were queued by the agent, by limit and reason",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values()),
      Key.of("reason", WaitReason.values())),
  RETRIES(
      "paceline.retries",
      Kind.COUNTER,
      "Retries made by the agent, by reason",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("reason", RetryReason.values())),
  GIVE_UPS(
      "paceline.give.ups",
      Kind.COUNTER,
      "Errors returned to the application although a retry might have succeeded, by reason",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("reason", GiveUpReason.values())),
  REPEATED_CALLS(
      "paceline.repeated.calls",
      Kind.COUNTER,
      "Calls that repeat an earlier one: retries by an SDK or the application",
      Key.PROVIDER,
      Key.MODEL),
  OBSERVE_AVOIDABLE(
      "paceline.observe.avoidable",
      Kind.COUNTER,
      "Rate-limit errors seen by the application in observe mode that enforcing would have avoided",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("by", Remedy.values())),
  INFLIGHT(
      "paceline.inflight",
      Kind.GAUGE,
      "HTTP requests awaiting response headers; streams being read are not counted",
      Key.PROVIDER,
      Key.MODEL),
  WAITING("paceline.waiting", Kind.GAUGE, "Calls waiting in the queue", Key.PROVIDER, Key.MODEL),
  MODEL_MODE(
      "paceline.model.mode",
      Kind.GAUGE,
      "How the latest call to the model was handled, by rule: 0 observe, 1 enforce",
      Key.PROVIDER,
      Key.MODEL),
  LIMIT(
      "paceline.limit",
      Kind.GAUGE,
      "An advertised limit, in units per window; sum over owners",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values())),
  LIMIT_REMAINING(
      "paceline.limit.remaining",
      Kind.GAUGE,
      "Units remaining of an advertised limit; sum over owners",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values())),
  LIMIT_UTILIZATION(
      "paceline.limit.utilization",
      Kind.GAUGE,
      "Peak utilization (0-1) of an advertised limit over the last minute; maximum over owners",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("limit", Limit.values())),
  TOKENS(
      "paceline.tokens",
      Kind.COUNTER,
      "Tokens of requests and responses: estimated when a call is sent, actual as the provider"
          + " reports",
      Key.PROVIDER,
      Key.MODEL,
      Key.of("kind", TokenKind.values()),
      Key.of("type", TokenType.values())),
  REQUEST_TOKENS(
      "paceline.request.tokens",
      Kind.HISTOGRAM,
      "Estimated prompt tokens per call",
      Key.PROVIDER,
      Key.MODEL),
  TOKEN_ESTIMATE_RATIO(
      "paceline.token.estimate.ratio",
      Kind.HISTOGRAM,
      "Reported prompt tokens divided by the estimate",
      Key.PROVIDER,
      Key.MODEL),
  OVERHEAD("paceline.overhead", Kind.TIMER, "Agent overhead per call, excluding waits"),
  AGENT_ERRORS(
      "paceline.agent.errors",
      Kind.COUNTER,
      "Faults inside the agent; the calls proceeded without it",
      new Key("component", Components.KNOWN)),
  BYPASSED(
      "paceline.bypassed",
      Kind.COUNTER,
      "Recognised calls passed through unmanaged, by reason",
      Key.of("reason", BypassReason.values())),
  INSTRUMENTATION_ACTIVE(
      "paceline.instrumentation.active",
      Kind.GAUGE,
      "Whether the client is instrumented in this process: 0 or 1",
      Key.CLIENT),
  ENABLED(
      "paceline.enabled",
      Kind.GAUGE,
      "Whether the agent manages calls: 0 when switched off or after too many faults, else 1"),
  MODE(
      "paceline.mode",
      Kind.GAUGE,
      "The configured mode: 0 observe, 1 enforce; rules may differ, see paceline.model.mode"),
  CONFIG_RELOADS(
      "paceline.config.reloads",
      Kind.COUNTER,
      "Reloads of the configuration file, by result",
      new Key("result", List.of("ok", "failed"))),
  FLEET_UP(
      "paceline.fleet.up",
      Kind.GAUGE,
      "Whether the Redis of paceline.fleet answered when it was asked last: 0 or 1"),
  FLEET_AGE(
      "paceline.fleet.age.seconds",
      Kind.GAUGE,
      "Time since the Redis of paceline.fleet answered last; an idle process does not ask it; -1"
          + " before the first answer"),
  FLEET_EXCHANGES(
      "paceline.fleet.exchanges",
      Kind.COUNTER,
      "Round trips to the Redis of paceline.fleet, by result",
      new Key("result", List.of("ok", "failed"))),
  FLEET_MEMBERS(
      "paceline.fleet.members",
      Kind.GAUGE,
      "Processes that share the limits of the model, this one included; maximum over owners",
      Key.PROVIDER,
      Key.MODEL),
  FLEET_SHARE(
      "paceline.fleet.share",
      Kind.GAUGE,
      "This process' part (0-1) of what the limits of the model grant; maximum over owners",
      Key.PROVIDER,
      Key.MODEL,
      new Key("resource", List.of("requests", "tokens", "in_flight"))),
  SERIES_OVERFLOW(
      "paceline.series.overflow",
      Kind.COUNTER,
      "Calls counted as other because the tag had reached its maximum number of values",
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
