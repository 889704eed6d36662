package dev.paceline.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Knows names of keys, in properties and in environment variables, and which one was probably
 * meant.
 */
final class KeyNames {
  static final String ENV_PREFIX = "PACELINE_";
  static final String RULE_ID_FORM = "a rule's id may hold a-z, 0-9 and -";

  private static final Pattern RULE_NAME =
      Pattern.compile("rule\\.([a-z0-9-]{1,40})\\.([a-zA-Z0-9_.-]{1,80})");

  /** Names of request headers that rules ask for follow this. */
  static final String HEADER = "header.";

  private static final Pattern HEADER_NAME = Pattern.compile("header\\.[A-Za-z0-9_-]{1,70}");
  private static final int MAX_DISTANCE = 2;
  // Longer names are nobody's typing error, and the distance costs the product of the lengths.
  private static final int MAX_LENGTH = 100;

  private KeyNames() {}

  static boolean known(String name) {
    if (Keys.byName().containsKey(name)) {
      return true;
    }
    Matcher rule = RULE_NAME.matcher(name);
    return rule.matches() && ofRule(rule.group(2));
  }

  /** Whether a rule may have this key; what follows its id. */
  private static boolean ofRule(String last) {
    return HEADER_NAME.matcher(last).matches()
        || (RuleKeys.byLastWord().containsKey(last) && !last.startsWith(HEADER));
  }

  /** The id in the known name of a rule's key. */
  static String ruleId(String name, int from) {
    return name.substring(from, name.indexOf('.', from));
  }

  /** Whether everything but the id of the rule is right: {@code rule.gpt-4.1.model}. */
  static boolean badRuleId(String name) {
    int last = name.lastIndexOf('.');
    return name.startsWith(RuleKeys.PREFIX)
        && last >= RuleKeys.PREFIX.length()
        && ofRule(name.substring(last + 1))
        && !known(name);
  }

  /** The key that an environment variable sets; empty when none. */
  static Optional<String> ofVariable(String variable) {
    for (String name : Keys.byName().keySet()) {
      if (Key.environmentVariable(name).equals(variable)) {
        return Optional.of(name);
      }
    }
    String prefix = ENV_PREFIX + "RULE_";
    if (!variable.startsWith(prefix)) {
      return Optional.empty();
    }
    int header = variable.indexOf("_HEADER_", prefix.length() + 1);
    if (header > 0) {
      String id = variable.substring(prefix.length(), header).toLowerCase(Locale.ROOT);
      String last = variable.substring(header + "_HEADER_".length()).toLowerCase(Locale.ROOT);
      String name = RuleKeys.PREFIX + id.replace('_', '-') + "." + HEADER + last.replace('_', '-');
      return known(name) ? Optional.of(name) : Optional.empty();
    }
    // The longest name first: rule X's tenant.rpm is not rule X-TENANT's rpm.
    List<String> names = new ArrayList<>(RuleKeys.byLastWord().keySet());
    names.sort(Comparator.comparingInt(String::length).reversed());
    for (String last : names) {
      String suffix = "_" + Key.environmentVariable(last).substring(ENV_PREFIX.length());
      if (variable.endsWith(suffix) && variable.length() > prefix.length() + suffix.length()) {
        String id = variable.substring(prefix.length(), variable.length() - suffix.length());
        String name = RuleKeys.PREFIX + id.toLowerCase(Locale.ROOT).replace('_', '-') + "." + last;
        return known(name) ? Optional.of(name) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /**
   * Variables that Kubernetes puts into every container for a service named {@code paceline…}:
   * {@code PACELINE_CONSOLE_PORT=tcp://10.0.0.7:80} is one, and would otherwise be a bad value of a
   * key of ours.
   */
  static boolean serviceLink(String variable, String value) {
    return variable.endsWith("_SERVICE_HOST")
        || variable.matches(".*_SERVICE_PORT(_.*)?")
        || variable.matches(".*_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
        || (variable.endsWith("_PORT") && value.matches("(tcp|udp|sctp)://.*"));
  }

  /**
   * The key that was probably meant: the same words in another order or spelling, or at most two
   * slips of the finger away.
   */
  static Optional<String> nearest(String unknown) {
    if (unknown.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    List<String> words = words(unknown);
    String best = "";
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : candidates(unknown, words)) {
      List<String> candidateWords = words(candidate);
      int distance =
          sorted(words).equals(sorted(candidateWords))
              ? 0
              : distance(joined(words), joined(candidateWords));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    int allowed = joined(words(best)).length() <= 4 ? 1 : MAX_DISTANCE;
    return bestDistance <= allowed ? Optional.of(best) : Optional.empty();
  }

  /** All keys, and those of rules with the id that the unknown name has at that place. */
  private static List<String> candidates(String unknown, List<String> words) {
    List<String> candidates = new ArrayList<>(Keys.byName().keySet());
    int first = unknown.indexOf('.');
    for (String ruleKey : RuleKeys.byLastWord().keySet()) {
      int last = unknown.lastIndexOf('.');
      if (ruleKey.indexOf('.') > 0) {
        last = unknown.lastIndexOf('.', last - 1);
      }
      if (first > 0 && last > first + 1) {
        candidates.add(
            RuleKeys.PREFIX + asRuleId(unknown.substring(first + 1, last)) + "." + ruleKey);
      } else {
        int from = words.size() - words(ruleKey).size();
        if (from > 1) {
          candidates.add(
              RuleKeys.PREFIX + asRuleId(String.join("-", words.subList(1, from))) + "." + ruleKey);
        }
      }
    }
    return candidates;
  }

  private static String asRuleId(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
  }

  /** {@code maxWait}, {@code max_wait} and {@code max.wait} are all two words. */
  private static List<String> words(String name) {
    String split = name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    return Arrays.stream(split.split("[^a-z0-9]+")).filter(word -> !word.isEmpty()).toList();
  }

  private static List<String> sorted(List<String> words) {
    return words.stream().sorted().toList();
  }

  private static String joined(List<String> words) {
    return String.join("-", words);
  }

  /**
   * Damerau–Levenshtein, optimal string alignment: insertions, deletions, substitutions and swaps
   * of neighbours.
   */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + substitution);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
