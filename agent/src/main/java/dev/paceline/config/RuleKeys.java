package dev.paceline.config;

import java.util.List;
import java.util.Map;

/**
 * The keys of rules, {@code rule.<id>.…}: what selects calls, and what is set for them. Names are
 * public API.
 */
public final class RuleKeys {
  static final String PREFIX = "rule.";
  private static final String BEFORE_NAME = PREFIX + "<id>.";

  static final Key<String> PROVIDER =
      rule("provider", Types.PROVIDER, "Matches calls to this provider.", "openai");
  static final Key<String> MODEL =
      rule(
          "model",
          Types.GLOB,
          "The rule is for these models; * stands for any characters.",
          "gpt-4o*");
  static final Key<String> HOST =
      rule(
          "host",
          Types.GLOB,
          "Matches calls to these hosts; * stands for any characters.",
          "*.openai.azure.com");
  static final Key<Long> MAX_WAIT =
      rule(
          "max-wait",
          Types.DURATION,
          "As max-wait; 0 delivers rate-limit responses at once, for hosts the application fails"
              + " over from.",
          "0");
  static final Key<Integer> MAX_ATTEMPTS =
      rule("max-attempts", Types.number(1, 100), "As max-attempts.", "2");
  static final Key<Long> RPM =
      limit(
          "rpm",
          "Requests a minute, never exceeded in any minute; headers can only lower it.",
          "500");
  static final Key<Long> TPM =
      limit("tpm", "Tokens a minute, of prompts and answers; as rpm.", "200k");
  static final Key<Long> ITPM = limit("itpm", "Tokens of prompts a minute; as rpm.", "150k");
  static final Key<Long> OTPM = limit("otpm", "Tokens of answers a minute; as rpm.", "50k");
  static final Key<Long> RPD = limit("rpd", "Requests a day; as rpm.", "10k");
  static final Key<Long> TPD = limit("tpd", "Tokens a day; as rpm.", "2M");
  static final Key<DayStarts> DAY_STARTS =
      rule(
          "day-starts",
          Types.DAY_STARTS,
          "When rpd and tpd begin anew each day. Without it they hold for any 24 hours.",
          "00:00@America/Los_Angeles");
  static final Key<Long> CONCURRENCY =
      limit(
          "concurrency",
          "Requests in flight at the same time; a stream counts until it is read to its end or"
              + " closed.",
          "8");
  static final Key<Boolean> ENABLED =
      rule(
          "enabled",
          Types.BOOL,
          "As enabled; cannot switch on what enabled=false switched off.",
          "false");
  static final Key<Mode> MODE = rule("mode", Types.MODE, "As mode.", "enforce");
  static final Key<Boolean> RETRY_PROVISIONED =
      rule(
          "retry-provisioned",
          Types.BOOL,
          "Waits out 429s of provisioned deployments (Azure PTU), which are delivered at once"
              + " otherwise, for the application to fail over.",
          "true");

  private static final List<Key<?>> TABLE =
      Keys.both(
          ClassKeys.RULE_TABLE,
          PROVIDER,
          MODEL,
          HOST,
          MAX_WAIT,
          MAX_ATTEMPTS,
          RPM,
          TPM,
          ITPM,
          OTPM,
          RPD,
          TPD,
          DAY_STARTS,
          CONCURRENCY,
          ENABLED,
          MODE,
          RETRY_PROVISIONED);
  private static final Map<String, Key<?>> BY_LAST_WORD = Keys.byName(TABLE, BEFORE_NAME.length());

  private RuleKeys() {}

  /** All, in the order of the documentation; {@code <id>} stands where the rule's id goes. */
  public static List<Key<?>> all() {
    return TABLE;
  }

  /** All by what follows the id. */
  static Map<String, Key<?>> byLastWord() {
    return BY_LAST_WORD;
  }

  private static <T> Key<T> rule(String name, Type<T> type, String meaning, String example) {
    return new Key<>(BEFORE_NAME + name, type, "", meaning, true, Keys.ANYWHERE, example);
  }

  private static Key<Long> limit(String name, String meaning, String example) {
    return rule(name, Types.LIMIT, meaning, example);
  }
}
