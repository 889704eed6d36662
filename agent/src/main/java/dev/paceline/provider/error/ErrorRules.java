package dev.paceline.provider.error;

import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the providers' declared codes and phrases say of an error. */
final class ErrorRules {
  private static final Set<Meaning> LIMITS =
      EnumSet.of(
          Meaning.RPM,
          Meaning.TPM,
          Meaning.ITPM,
          Meaning.OTPM,
          Meaning.RPD,
          Meaning.TPD,
          Meaning.CONCURRENCY,
          Meaning.CAPACITY,
          Meaning.REQUESTS_LIKELY,
          Meaning.LIMITED);

  private ErrorRules() {}

  /** What the answering provider's own rules say; null when they say nothing. */
  static @Nullable Meaning own(@Nullable Provider provider, ErrorFacts facts) {
    if (provider == null) {
      return bareNumber(facts);
    }
    for (ErrorRule rule : provider.errors()) {
      if (rule.own() && rule.matches(facts)) {
        return rule.meaning();
      }
    }
    return null;
  }

  /**
   * Nobody else's errors are four digits and no letters, so a number that only one dialect has
   * tells the dialect.
   */
  private static @Nullable Meaning bareNumber(ErrorFacts facts) {
    for (Provider provider : Providers.all()) {
      for (ErrorRule rule : provider.errors()) {
        if (rule.own()
            && rule.code().length() >= 4
            && Character.isDigit(rule.code().charAt(0))
            && rule.matches(facts)) {
          return rule.meaning();
        }
      }
    }
    return null;
  }

  /** Whose reset is a wait: Together's, which its codes tell where nobody has said who answers. */
  static @Nullable Provider byCodes(ErrorFacts facts) {
    for (Provider provider : Providers.all()) {
      if (provider.limits().resetIsWait()
          && provider.errors().stream()
              .anyMatch(rule -> !rule.code().isEmpty() && rule.matches(facts))) {
        return provider;
      }
    }
    return null;
  }

  static boolean aCodeNamesALimit(ErrorFacts facts) {
    return intersects(shared(facts, true));
  }

  static boolean intersects(EnumSet<Meaning> meanings) {
    for (Meaning meaning : LIMITS) {
      if (meanings.contains(meaning)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What the rules say that hold whoever answers.
   *
   * @param codes those of codes; else those of phrases alone
   */
  static EnumSet<Meaning> shared(ErrorFacts facts, boolean codes) {
    EnumSet<Meaning> meanings = EnumSet.noneOf(Meaning.class);
    for (Provider provider : Providers.all()) {
      for (ErrorRule rule : provider.errors()) {
        if (!rule.own() && rule.code().isEmpty() != codes && rule.matches(facts)) {
          meanings.add(rule.meaning());
        }
      }
    }
    return meanings;
  }
}
