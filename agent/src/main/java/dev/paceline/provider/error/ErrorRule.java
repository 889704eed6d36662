package dev.paceline.provider.error;

import java.util.Locale;

/**
 * One line of a provider's error grammar. All of its parts must hold.
 *
 * @param code an error code, type, status or reason, in lower case, matched whole; empty: any
 * @param phrase part of the normalised text (lower case, separators as single spaces, no URLs);
 *     empty: any
 * @param status the HTTP status; 0: any
 * @param meaning what it means
 * @param own whether it holds only when this provider is known to have answered (bare numbers,
 *     words others use otherwise)
 */
public record ErrorRule(String code, String phrase, int status, Meaning meaning, boolean own) {
  public ErrorRule {
    code = code.toLowerCase(Locale.ROOT);
  }

  boolean matches(ErrorFacts facts) {
    return (status == 0 || status == facts.status())
        && (code.isEmpty() || facts.codes().contains(code))
        && (phrase.isEmpty() || facts.text().contains(phrase));
  }
}
