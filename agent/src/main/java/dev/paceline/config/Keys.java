package dev.paceline.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every key with one value; those of rules are {@link RuleKeys}. The table that parsing, warnings,
 * {@code config} and {@code docs/configuration.md} are made from. Names are public API. A key is
 * added together with what it does, never before.
 */
public final class Keys {
  static final Set<Source> ANYWHERE =
      Set.of(Source.SYSTEM_PROPERTY, Source.AGENT_ARGUMENT, Source.ENVIRONMENT, Source.FILE);

  public static final Key<Boolean> ENABLED =
      dynamic(
          "enabled",
          Types.BOOL,
          "true",
          "Whether the agent works at all; false releases the calls that wait.",
          "false");
  public static final Key<Mode> MODE =
      dynamic(
          "mode",
          Types.MODE,
          "enforce",
          "enforce paces and retries; observe counts what would have been done and touches"
              + " nothing.",
          "observe");
  public static final Key<Integer> MAX_ATTEMPTS =
      dynamic(
          "max-attempts",
          Types.number(1, 100),
          "6",
          "HTTP requests that one call may become.",
          "3");
  public static final Key<Long> MAX_WAIT =
      dynamic(
          "max-wait",
          Types.DURATION,
          "60s",
          "Longest time a call may wait at once. If the predicted wait is longer, the call is not"
              + " queued (see on-deadline). When set, it also overrides HttpRequest.timeout.",
          "30s");
  public static final Key<Long> MAX_CALL_WAIT =
      dynamic(
          "max-call-wait",
          Types.DURATION,
          "150s",
          "Longest time that all waits of one call may take together.",
          "5m");
  public static final Key<Long> BACKOFF_INITIAL =
      dynamic(
          "backoff.initial",
          Types.DURATION_ABOVE_ZERO,
          "1s",
          "First wait after a rate-limit response without a hint such as Retry-After; doubles from"
              + " there.",
          "2s");
  public static final Key<Long> BACKOFF_PERHAPS_PROCESSED =
      dynamic(
          "backoff.perhaps-processed",
          Types.DURATION_ABOVE_ZERO,
          "500ms",
          "First wait after a 500, 502, 504 or a bare 503, which is repeated at most twice.",
          "1s");
  public static final Key<Long> BACKOFF_CAP =
      dynamic(
          "backoff.cap",
          Types.DURATION_ABOVE_ZERO,
          "60s",
          "Longest wait that doubling arrives at.",
          "30s");
  public static final Key<Double> BACKOFF_JITTER =
      dynamic(
          "backoff.jitter",
          Types.FRACTION,
          "0.25",
          "Share by which a wait varies at random; waits that the provider asked for only get"
              + " longer.",
          "0.5");
  public static final Key<OnDeadline> ON_DEADLINE =
      dynamic(
          "on-deadline",
          Types.ON_DEADLINE,
          "auto",
          "What happens to a call whose predicted wait exceeds max-wait or its deadline: reject"
              + " returns a local 429 in the provider's format, send bypasses the queue, auto"
              + " rejects only if the provider has confirmed the limit within the last window (a"
              + " 429, or nothing left) and sends otherwise.",
          "send");
  public static final Key<OptionalDouble> RESERVE =
      dynamic(
          "reserve",
          Types.FRACTION_OR_AUTO,
          "auto",
          "Share of every announced limit that is always left to other users of the key; auto"
              + " leaves room only while there are some.",
          "0.1");
  public static final Key<OptionalDouble> SMOOTH_BELOW =
      dynamic(
          "smooth-below",
          Types.FRACTION_OR_AUTO,
          "auto",
          "When less than this share of an announced limit is left, calls leave no faster than it"
              + " is refilled; auto does so only as far as other users make it necessary.",
          "0.2");
  public static final Key<Integer> QUEUE_MAX =
      dynamic(
          "queue.max",
          Types.number(1, 1_000_000),
          "10000",
          "Calls that may wait at the same time, all scopes together; their bodies may also take 10"
              + " % of the heap at most. on-deadline says what becomes of one more.",
          "500");
  public static final Key<OptionalInt> SCOPES_MAX =
      dynamic(
          "scopes.max",
          Types.numberOrAuto(100, 1_000_000),
          "auto",
          "Scopes (keys, organisations or hosts, each with its models) that are remembered at the"
              + " same time, some 10 KB each; beyond that the ones used longest ago are forgotten,"
              + " never one in which calls wait or are in flight. auto is one for each 100 KB of"
              + " heap, 1,000 to 10,000.",
          "50000");
  public static final Key<Boolean> RETRY_FIRST_EVENT =
      dynamic(
          "retry.first-event",
          Types.BOOL,
          "false",
          "Buffers an event stream until its first event, at most 1 s, so that a rate-limit error"
              + " in it can be retried.",
          "true");
  public static final Key<List<HostMapping>> HOSTS =
      fixed(
          "hosts",
          Types.HOSTS,
          "",
          "Further hosts of providers: gateways, proxies, own servers, each as"
              + " host[:port][/path]=provider.",
          "llm.corp.example=openai,gw.corp/anthropic/=anthropic,*.corp=openai,127.0.0.1:8080=anthropic");
  public static final Key<OptionalInt> CONSOLE_PORT =
      fixed(
          "console.port",
          Types.PORT,
          "19429",
          "Port of metrics and state over HTTP; 0 picks a free one, off opens none.",
          "off");
  public static final Key<String> CONSOLE_HOST =
      fixed(
          "console.host",
          Types.HOST_NAME,
          "127.0.0.1",
          "Address that the console listens on; on a non-loopback address it serves metrics only.",
          "0.0.0.0");
  public static final Key<String> CONSOLE_PAGE_HOST =
      fixed(
          "console.page.host",
          Types.HOST_NAME_OR_NONE,
          "",
          "A loopback address on which page and state are served although console.host is another;"
              + " the port is the same.",
          "127.0.0.1");
  public static final Key<ConsoleStart> CONSOLE_START =
      fixed(
          "console.start",
          Types.CONSOLE_START,
          "first-call",
          "When the console opens: early is at the JVM's start, so that a scraper finds it before"
              + " any call is made; first-call is with the first call to an LLM.",
          "early");
  public static final Key<PageFor> CONSOLE_PAGE =
      fixed(
          "console.page",
          Types.PAGE_FOR,
          "local",
          "Who sees the console's page and state: local is whoever asks a console on loopback by a"
              + " local name, public is whoever reaches the port.",
          "public");
  public static final Key<String> CONFIG_FILE =
      placed(
          Set.of(Source.SYSTEM_PROPERTY, Source.AGENT_ARGUMENT, Source.ENVIRONMENT),
          "config.file",
          Types.PATH,
          "",
          "A properties file that is followed while the process runs.",
          "/etc/paceline.properties");
  public static final Key<Boolean> CONFIG_STRICT =
      fixed(
          "config.strict",
          Types.BOOL,
          "false",
          "Anything wrong in the configuration switches the agent off instead of being defaulted.",
          "true");
  public static final Key<Map<String, String>> METRICS_TAGS =
      fixed(
          "metrics.tags",
          Types.TAGS,
          "",
          "Tags that every meter gets.",
          "service=checkout,team=search");
  public static final Key<Integer> METRICS_MAX_MODELS =
      fixed(
          "metrics.max-models",
          Types.number(1, 1000),
          "50",
          "Distinct model names in metrics; further ones are counted as other.",
          "200");
  public static final Key<MetricsExport> METRICS_EXPORT =
      fixed(
          "metrics.export",
          Types.METRICS_EXPORT,
          "auto",
          "Which libraries of the application get the meters: auto every Micrometer and"
              + " OpenTelemetry that it uses, none twice; micrometer or otel only that one; none"
              + " leaves both alone, spans too.",
          "micrometer");
  public static final Key<Optional<URI>> ALERT_WEBHOOK =
      fixed(
          "alert.webhook",
          Types.WEB_ADDRESS,
          "",
          "Where a message is posted, as Slack takes it, when a model saturates a limit, gets too"
              + " many 429s or runs out of quota, and when it recovers.",
          "https://hooks.example/T000/B000");
  public static final Key<LogLevel> LOG =
      fixed(
          "log",
          Types.LOG_LEVEL,
          "info",
          "Lines on stderr: debug, info, warn or off. debug names each host once whose requests are"
              + " not recognised.",
          "debug");
  public static final Key<LogFormat> LOG_FORMAT =
      fixed(
          "log.format",
          Types.LOG_FORMAT,
          "text",
          "How lines on stderr are written: text, or json, one object a line with time, level,"
              + " logger and message.",
          "json");
  public static final Key<Boolean> BANNER =
      fixed(
          "banner",
          Types.BOOL,
          "false",
          "One line at the JVM's start: version, mode, where the configuration is from, its"
              + " problems, the console's address.",
          "true");
  public static final Key<OptionalLong> REPLAY_MAX_BYTES =
      fixed(
          "replay.max-bytes",
          Types.SIZE_OR_AUTO,
          "auto",
          "Memory for copies of request bodies that may have to be sent again; auto is the smaller"
              + " of 64 MiB and 5 % of the heap.",
          "16MiB");
  public static final Key<String> STATE_FILE =
      fixed(
          "state.file",
          Types.PATH,
          "",
          "A file that keeps what was learned of limits across restarts, without keys or prompts;"
              + " it and the key of its hashes beside it (.key) are readable for their owner only.",
          "/var/lib/app/paceline.json");
  public static final Key<Optional<URI>> FLEET =
      fixed(
          "fleet",
          Types.REDIS_ADDRESS,
          "",
          "A Redis or Valkey over which processes that share a limit agree on who takes how much;"
              + " typed limits then hold for all of them together. See fleet.md.",
          "redis://redis.example:6379/0");
  public static final Key<String> FLEET_NAME =
      fixed(
          "fleet.name",
          Types.FLEET_NAME,
          "default",
          "Processes of one name share limits; others that use the same Redis do not.",
          "checkout");
  public static final Key<String> RECORD_FILE =
      fixed(
          "record.file",
          Types.PATH,
          "",
          "A file that gets one line a call (times, model, tokens, wait, outcome; no keys, prompts,"
              + " hosts) for java -jar paceline-agent.jar replay; %p in its name is the process's"
              + " id, and it is readable for its owner only.",
          "/var/lib/app/calls-%p.jsonl");
  public static final Key<Long> RECORD_MAX_SIZE =
      fixed(
          "record.max-size",
          Types.SIZE,
          "64MiB",
          "Size at which the record's file is renamed to FILE.1 and begun anew, at least 64 KiB.",
          "16MiB");
  public static final Key<Integer> RECORD_KEEP =
      fixed(
          "record.keep",
          Types.number(0, 1000),
          "3",
          "Renamed files that are kept; the oldest goes.",
          "10");
  public static final Key<Boolean> FORCE =
      placed(
          Set.of(Source.SYSTEM_PROPERTY),
          "force",
          Types.BOOL,
          "false",
          "Works in the JDK's own tools (javac, jps, keytool ...) too, which are left alone"
              + " otherwise; a system property only.",
          "true");

  private static final List<Key<?>> TABLE =
      both(
          ClassKeys.TABLE,
          ENABLED,
          MODE,
          HOSTS,
          MAX_ATTEMPTS,
          MAX_WAIT,
          MAX_CALL_WAIT,
          BACKOFF_INITIAL,
          BACKOFF_PERHAPS_PROCESSED,
          BACKOFF_CAP,
          BACKOFF_JITTER,
          ON_DEADLINE,
          QUEUE_MAX,
          SCOPES_MAX,
          RESERVE,
          SMOOTH_BELOW,
          RETRY_FIRST_EVENT,
          REPLAY_MAX_BYTES,
          CONSOLE_PORT,
          CONSOLE_HOST,
          CONSOLE_PAGE,
          CONSOLE_PAGE_HOST,
          CONSOLE_START,
          METRICS_TAGS,
          METRICS_MAX_MODELS,
          METRICS_EXPORT,
          ALERT_WEBHOOK,
          LOG,
          LOG_FORMAT,
          BANNER,
          STATE_FILE,
          FLEET,
          FLEET_NAME,
          RECORD_FILE,
          RECORD_MAX_SIZE,
          RECORD_KEEP,
          CONFIG_FILE,
          CONFIG_STRICT,
          FORCE);
  private static final Map<String, Key<?>> BY_NAME = byName(TABLE, 0);

  private Keys() {}

  /** Keys with one value, in the order of the documentation. */
  public static List<Key<?>> all() {
    return TABLE;
  }

  static Map<String, Key<?>> byName() {
    return BY_NAME;
  }

  /** One table after another. */
  static List<Key<?>> both(List<Key<?>> last, Key<?>... first) {
    return Stream.concat(Stream.of(first), last.stream()).toList();
  }

  private static <T> Key<T> dynamic(
      String name, Type<T> type, String byDefault, String meaning, String example) {
    return new Key<>(name, type, byDefault, meaning, true, ANYWHERE, example);
  }

  private static <T> Key<T> fixed(
      String name, Type<T> type, String byDefault, String meaning, String example) {
    return new Key<>(name, type, byDefault, meaning, false, ANYWHERE, example);
  }

  private static <T> Key<T> placed(
      Set<Source> places,
      String name,
      Type<T> type,
      String byDefault,
      String meaning,
      String example) {
    return new Key<>(name, type, byDefault, meaning, false, places, example);
  }

  static Map<String, Key<?>> byName(List<Key<?>> keys, int from) {
    Map<String, Key<?>> map = new LinkedHashMap<>();
    keys.forEach(key -> map.put(key.name().substring(from), key));
    return map;
  }
}
