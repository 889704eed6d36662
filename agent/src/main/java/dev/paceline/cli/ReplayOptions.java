package dev.paceline.cli;

import dev.paceline.config.Glob;
import dev.paceline.replay.ReplayLimits;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was typed after {@code replay}. */
final class ReplayOptions {
  static final Set<String> NAMES =
      Set.of(
          "--rpm",
          "--tpm",
          "--itpm",
          "--otpm",
          "--window",
          "--hidden",
          "--cold",
          "--agent",
          "--target",
          "--model",
          "--json",
          "--svg");

  static final String HELP =
      """
        FILE...               what paceline.record.file has written; of a rotated one all parts, in any order
        --rpm N               requests a minute of each model, such as 500 or 10k
        --tpm N               tokens a minute, prompts and answers together, as the provider charges them
        --itpm N, --otpm N    tokens of prompts, of answers a minute, where they have limits of their own (Anthropic)
        --window KIND         how a limit is counted: bucket (a minute's worth, refilled without pause; default), fixed
                              or sliding
        --hidden              no header tells of the limit (Gemini, Bedrock)
        --cold                the agent learns the limits from the record's first answers, as in a process that has
                              just begun; without it, it knows them
        --agent off           without the agent: two retries an SDK, after Retry-After or 0.5 to 8 s
        --target TIME         p95 of the waits that the smallest limits must keep (default 2s)
        --model NAME          only models of this name; * stands for any characters
        --json                one JSON object instead of text
        --svg OUT             also a picture: tokens a minute against the limit, and calls waiting

      It reads the record, lets its calls arrive when they did, in virtual time, at a provider with these limits, and
      says what fails and waits, and the smallest limits that would do. Without a limit it says only those. Settings of
      the agent are taken as usual, such as -Dpaceline.max-wait=30s before -jar. docs/replay.md says what is assumed.
      """;

  private static final Pattern NUMBER = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)([kKM]?)");
  private static final Pattern TIME = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)(ms|s|m)");
  private static final long MOST_LIMIT = 1_000_000_000_000L;

  final List<String> files = new ArrayList<>();
  final Map<Limit, Long> perMinute = new EnumMap<>(Limit.class);
  ReplayLimits.Window window = ReplayLimits.Window.BUCKET;
  boolean hidden;
  boolean cold;
  boolean agent = true;
  double targetSeconds = 2;
  String targetText = "2s";
  Predicate<String> models = model -> true;
  boolean json;
  String svg = "";

  private ReplayOptions() {}

  /**
   * @throws IllegalArgumentException when it is not understood; the message says why
   */
  static ReplayOptions parse(String[] args) {
    ReplayOptions options = new ReplayOptions();
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      if (!arg.startsWith("--")) {
        options.files.add(arg);
      } else if (arg.equals("--json")) {
        options.json = true;
      } else if (arg.equals("--cold")) {
        options.cold = true;
      } else if (arg.equals("--hidden")) {
        options.hidden = true;
      } else {
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg : arg.substring(0, equals);
        if (equals < 0 && ++i == args.length) {
          throw new IllegalArgumentException(name + " needs a value");
        }
        options.set(name, equals < 0 ? args[i] : arg.substring(equals + 1));
      }
    }
    if (options.files.isEmpty()) {
      throw new IllegalArgumentException("which file?");
    }
    return options;
  }

  private void set(String name, String value) {
    switch (name) {
      case "--rpm" -> perMinute.put(Limit.RPM, number(name, value));
      case "--tpm" -> perMinute.put(Limit.TPM, number(name, value));
      case "--itpm" -> perMinute.put(Limit.ITPM, number(name, value));
      case "--otpm" -> perMinute.put(Limit.OTPM, number(name, value));
      case "--window" ->
          window =
              switch (value) {
                case "bucket" -> ReplayLimits.Window.BUCKET;
                case "fixed" -> ReplayLimits.Window.FIXED;
                case "sliding" -> ReplayLimits.Window.SLIDING;
                default -> throw bad(name, value, "bucket, fixed or sliding");
              };
      case "--agent" ->
          agent =
              switch (value) {
                case "on" -> true;
                case "off" -> false;
                default -> throw bad(name, value, "on or off");
              };
      case "--target" -> {
        targetSeconds = seconds(name, value);
        targetText = value;
      }
      case "--model" -> {
        Glob glob = new Glob(value);
        models = glob::matches;
      }
      case "--svg" -> svg = value;
      default -> throw bad(name, value, "a switch without a value");
    }
  }

  private static long number(String name, String text) {
    Matcher match = NUMBER.matcher(text);
    if (match.matches()) {
      String unit = match.group(2);
      long factor = unit.isEmpty() ? 1 : unit.equals("M") ? 1_000_000 : 1_000;
      double value = Double.parseDouble(match.group(1)) * factor;
      if (value >= 1 && value <= MOST_LIMIT && value == Math.rint(value)) {
        return (long) value;
      }
    }
    throw bad(name, text, "a whole number from 1, such as 500, 200k or 2M");
  }

  private static double seconds(String name, String text) {
    Matcher match = TIME.matcher(text.toLowerCase(Locale.ROOT));
    if (match.matches()) {
      double value = Double.parseDouble(match.group(1));
      return switch (match.group(2)) {
        case "ms" -> value / 1_000;
        case "m" -> value * 60;
        default -> value;
      };
    }
    throw bad(name, text, "a time such as 500ms, 2s or 1m");
  }

  private static IllegalArgumentException bad(String name, String value, String wanted) {
    return new IllegalArgumentException(
        name
            + " is "
            + wanted
            + ", not "
            + Table.clean(value.substring(0, Math.min(40, value.length()))));
  }
}
