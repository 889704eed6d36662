package dev.paceline.config;

import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The types of values that keys have. */
final class Types {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:_%\\[\\]-]{1,255}");
  private static final Pattern PATTERN = Pattern.compile("[^\\s,;=]{1,255}");
  private static final Pattern TEXT = Pattern.compile("[^\\r\\n]{1,255}");
  private static final Pattern TAG_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.]{0,63}");
  private static final int MAX_TAG_VALUE = 200;

  /** No provider grants more a day; keeps the arithmetic of budgets in range. */
  private static final long MOST_LIMIT = 1_000_000_000_000L;

  /** Of a file that is begun anew at it: a smaller one would hold a few seconds. */
  private static final long LEAST_SIZE = 64 << 10;

  /**
   * Tags that the meters themselves carry: a second one of the same name would make the whole
   * scrape unreadable.
   */
  private static final Set<String> OWN_TAGS =
      Set.of(
          "client",
          "provider",
          "model",
          "limit",
          "source",
          "reason",
          "outcome",
          "status",
          "component",
          "type",
          "kind",
          "result",
          "tag",
          "by",
          "le",
          "quantile",
          "version",
          "java");

  private static final String DURATION_FORMS = "a duration such as 250ms, 5s, 2m, 1h or PT5S";

  static final Type<Boolean> BOOL =
      new Type<>("boolean", "true or false", text -> Parsed.of(Values.bool(text)));
  static final Type<Long> DURATION = duration("", 0);
  static final Type<Long> DURATION_ABOVE_ZERO = duration(" of at least 1ms", 1_000_000);
  static final Type<Mode> MODE = oneOf("mode", Mode.class);
  static final Type<OnDeadline> ON_DEADLINE = oneOf("choice", OnDeadline.class);
  static final Type<MetricsExport> METRICS_EXPORT = oneOf("choice", MetricsExport.class);
  static final Type<Optional<URI>> WEB_ADDRESS =
      new Type<>("URL", "a URL that begins with http:// or https://", Types::webAddress);
  static final Type<Optional<URI>> REDIS_ADDRESS =
      new Type<>(
          "URL",
          "redis://[user:password@]host[:port][/db] of one server, or rediss:// for TLS; no Sentinel",
          Types::redisAddress);
  static final Type<String> FLEET_NAME =
      new Type<>(
          "name",
          "up to 40 of a-z, A-Z, 0-9, - and .",
          text ->
              Parsed.of(
                  text.matches("[a-zA-Z0-9.-]{1,40}") ? Optional.of(text) : Optional.empty()));
  static final Type<PageFor> PAGE_FOR = oneOf("choice", PageFor.class);
  static final Type<LogLevel> LOG_LEVEL = oneOf("level", LogLevel.class);
  static final Type<LogFormat> LOG_FORMAT = oneOf("choice", LogFormat.class);
  static final Type<ConsoleStart> CONSOLE_START = oneOf("choice", ConsoleStart.class);
  static final Type<Double> FRACTION =
      new Type<>(
          "fraction",
          "a fraction from 0 to 1, such as 0.25 or 25%",
          text -> Parsed.of(Values.fraction(text)));
  static final Type<Double> HALF = fractionUpTo(0.5, "0.05 or 5%");

  /** The whole would leave nothing to leave with. */
  static final Type<Double> HEADROOM = fractionUpTo(0.9, "0.2 or 20%");

  static final Type<Priority> PRIORITY =
      new Type<>(
          "priority", "interactive, normal, background", text -> Parsed.of(Priority.parse(text)));
  static final Type<Operation> OPERATION =
      new Type<>(
          "operation",
          "chat, embedding, rerank, moderation, image, audio, video, files, batch, fine-tuning,"
              + " assistants, auxiliary or other",
          text -> Parsed.of(operation(text)));
  static final Type<TenantNames> TENANT_NAMES = oneOf("choice", TenantNames.class);
  static final Type<List<TenantSource>> TENANT =
      new Type<>(
          "list",
          "header:NAME, body:FIELD, baggage:KEY or mdc:KEY, separated by commas, such as"
              + " header:X-Tenant-Id,body:metadata.user_id",
          Types::tenants);
  static final Type<OptionalDouble> FRACTION_OR_AUTO =
      new Type<>(
          "fraction", "auto or a fraction from 0 to 1, such as 0.25 or 25%", Types::fractionOrAuto);
  static final Type<Long> LIMIT =
      new Type<>(
          "number",
          "a whole number from 1 to " + MOST_LIMIT + ", such as 500, 30k or 2M",
          text -> Parsed.of(limit(text)));
  static final Type<DayStarts> DAY_STARTS =
      new Type<>(
          "time",
          "a time of day and its zone, such as 00:00@America/Los_Angeles",
          text -> Parsed.of(DayStarts.parse(text)));
  static final Type<OptionalLong> SIZE_OR_AUTO =
      new Type<>("size", "auto or a size such as 512KiB, 8MiB or 1000 (bytes)", Types::sizeOrAuto);
  static final Type<Long> SIZE =
      new Type<>(
          "size",
          "a size of at least 64KiB, such as 512KiB or 64MiB",
          text -> {
            OptionalLong bytes = Values.sizeBytes(text);
            boolean enough = bytes.isPresent() && bytes.getAsLong() >= LEAST_SIZE;
            return Parsed.of(enough ? Optional.of(bytes.getAsLong()) : Optional.empty());
          });
  static final Type<OptionalInt> PORT =
      new Type<>(
          "port", "a port from 1 to 65535, 0 to let the system pick one, or off", Types::port);
  static final Type<String> HOST_NAME =
      new Type<>("host", "a host name or an IP address", text -> matching(HOST, text));
  static final Type<String> HOST_NAME_OR_NONE =
      new Type<>(
          "host",
          "a host name or an IP address",
          text -> text.isEmpty() ? Parsed.of("") : matching(HOST, text));
  static final Type<String> GLOB =
      new Type<>(
          "pattern",
          "a name, in which * stands for any characters",
          text -> matching(PATTERN, text));
  static final Type<String> TEXT_GLOB =
      new Type<>(
          "pattern",
          "a text of at most 255 characters, in which * stands for any characters",
          text -> matching(TEXT, text));
  static final Type<String> PROVIDER =
      new Type<>(
          "provider", "the id of a provider, such as openai", text -> Parsed.of(provider(text)));
  static final Type<String> PATH = new Type<>("path", "the path of a file", Parsed::of);
  static final Type<List<HostMapping>> HOSTS =
      new Type<>(
          "list",
          "host[:port][/path]=provider, separated by commas, such as *.corp.example=openai; not *"
              + " alone",
          Types::hosts);
  static final Type<Map<String, String>> TAGS =
      new Type<>(
          "list",
          "name=value, separated by commas, such as service=checkout,team=search; not the name of a"
              + " tag of Paceline's own",
          Types::tags);

  private Types() {}

  static Type<Integer> number(int min, int max) {
    return new Type<>(
        "number",
        "a whole number from " + min + " to " + max,
        text -> {
          OptionalLong value = Values.number(text);
          boolean inRange =
              value.isPresent() && value.getAsLong() >= min && value.getAsLong() <= max;
          return Parsed.of(inRange ? Optional.of((int) value.getAsLong()) : Optional.empty());
        });
  }

  static Type<OptionalInt> numberOrAuto(int min, int max) {
    return new Type<>(
        "number",
        "auto or a whole number from " + min + " to " + max,
        text -> {
          if (text.equalsIgnoreCase("auto")) {
            return Parsed.of(OptionalInt.empty());
          }
          OptionalLong value = Values.number(text);
          boolean inRange =
              value.isPresent() && value.getAsLong() >= min && value.getAsLong() <= max;
          return Parsed.of(
              inRange ? Optional.of(OptionalInt.of((int) value.getAsLong())) : Optional.empty());
        });
  }

  private static Type<Long> duration(String suffix, long minNanos) {
    return new Type<>(
        "duration",
        DURATION_FORMS + suffix,
        text -> {
          OptionalLong nanos = Values.durationNanos(text);
          boolean inRange = nanos.isPresent() && nanos.getAsLong() >= minNanos;
          return Parsed.of(inRange ? Optional.of(nanos.getAsLong()) : Optional.empty());
        });
  }

  private static <E extends Enum<E>> Type<E> oneOf(String name, Class<E> type) {
    Function<E, String> word = value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    List<E> all = List.of(type.getEnumConstants());
    return new Type<>(
        name,
        String.join(", ", all.stream().map(word).toList()),
        text ->
            Parsed.of(
                all.stream()
                    .filter(value -> word.apply(value).equalsIgnoreCase(text))
                    .findFirst()));
  }

  private static Type<Double> fractionUpTo(double most, String example) {
    return new Type<>(
        "fraction",
        "a fraction from 0 to " + most + ", such as " + example,
        text -> Parsed.of(Values.fraction(text).filter(value -> value <= most)));
  }

  private static Optional<Operation> operation(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(Operation.values())
        .filter(one -> one.name().equals(name.equals("CHAT") ? "GENERATION" : name))
        .filter(one -> one != Operation.REALTIME)
        .findFirst();
  }

  private static Parsed<List<TenantSource>> tenants(String text) {
    List<TenantSource> sources = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    for (String entry : entries(text.replace('|', ','))) {
      TenantSource.parse(entry).ifPresentOrElse(sources::add, () -> rejected.add(entry));
    }
    return new Parsed<>(Optional.of(List.copyOf(sources)), rejected);
  }

  private static Parsed<OptionalDouble> fractionOrAuto(String text) {
    if (text.equalsIgnoreCase("auto")) {
      return Parsed.of(OptionalDouble.empty());
    }
    return Parsed.of(Values.fraction(text).map(OptionalDouble::of));
  }

  private static Optional<Long> limit(String text) {
    OptionalLong value = Values.number(text);
    boolean inRange =
        value.isPresent() && value.getAsLong() >= 1 && value.getAsLong() <= MOST_LIMIT;
    return inRange ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  private static Parsed<Optional<URI>> webAddress(String text) {
    if (text.isEmpty()) {
      return Parsed.of(Optional.of(Optional.empty()));
    }
    try {
      URI uri = new URI(text);
      boolean web =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      return Parsed.of(
          web && uri.getHost() != null ? Optional.of(Optional.of(uri)) : Optional.empty());
    } catch (URISyntaxException e) {
      return Parsed.of(Optional.empty());
    }
  }

  private static Parsed<Optional<URI>> redisAddress(String text) {
    if (text.isEmpty()) {
      return Parsed.of(Optional.of(Optional.empty()));
    }
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme();
      boolean redis = "redis".equalsIgnoreCase(scheme) || "rediss".equalsIgnoreCase(scheme);
      boolean database = uri.getPath() == null || uri.getPath().matches("|/|/[0-9]{1,4}");
      return Parsed.of(
          redis && database && uri.getHost() != null
              ? Optional.of(Optional.of(uri))
              : Optional.empty());
    } catch (URISyntaxException e) {
      return Parsed.of(Optional.empty());
    }
  }

  private static Parsed<OptionalLong> sizeOrAuto(String text) {
    if (text.equalsIgnoreCase("auto")) {
      return Parsed.of(OptionalLong.empty());
    }
    OptionalLong bytes = Values.sizeBytes(text);
    return Parsed.of(bytes.isPresent() ? Optional.of(bytes) : Optional.empty());
  }

  private static Parsed<OptionalInt> port(String text) {
    if (text.equalsIgnoreCase("off")) {
      return Parsed.of(OptionalInt.empty());
    }
    OptionalLong port = text.matches("\\d{1,5}") ? Values.number(text) : OptionalLong.empty();
    boolean valid = port.isPresent() && port.getAsLong() <= 65535;
    return Parsed.of(
        valid ? Optional.of(OptionalInt.of((int) port.getAsLong())) : Optional.empty());
  }

  private static Parsed<String> matching(Pattern pattern, String text) {
    return Parsed.of(pattern.matcher(text).matches() ? Optional.of(text) : Optional.empty());
  }

  private static Optional<String> provider(String text) {
    String id = text.toLowerCase(Locale.ROOT);
    return id.matches("[a-z0-9-]{1,40}") ? Optional.of(id) : Optional.empty();
  }

  private static Parsed<List<HostMapping>> hosts(String text) {
    List<HostMapping> mappings = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    for (String entry : entries(text)) {
      HostMapping.parse(entry).ifPresentOrElse(mappings::add, () -> rejected.add(entry));
    }
    return new Parsed<>(Optional.of(List.copyOf(mappings)), rejected);
  }

  private static Parsed<Map<String, String>> tags(String text) {
    Map<String, String> tags = new LinkedHashMap<>();
    List<String> rejected = new ArrayList<>();
    for (String entry : entries(text)) {
      int equals = entry.indexOf('=');
      String name = equals < 0 ? "" : entry.substring(0, equals).trim();
      String value = entry.substring(equals + 1).trim();
      boolean usable =
          TAG_NAME.matcher(name).matches()
              && !OWN_TAGS.contains(name)
              && !value.isEmpty()
              && value.length() <= MAX_TAG_VALUE;
      if (!usable || tags.putIfAbsent(name, value) != null) {
        rejected.add(entry);
      }
    }
    return new Parsed<>(Optional.of(Collections.unmodifiableMap(tags)), rejected);
  }

  private static List<String> entries(String text) {
    List<String> entries = new ArrayList<>();
    for (String entry : text.split(",", -1)) {
      if (!entry.isBlank()) {
        entries.add(entry.trim());
      }
    }
    return entries;
  }
}
