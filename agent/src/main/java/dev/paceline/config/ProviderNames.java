package dev.paceline.config;

import java.util.Optional;

/**
 * Which providers there are: known by the room that speaks to them, asked for by {@code hosts} and
 * {@code rule.<id>.provider}.
 */
@FunctionalInterface
public interface ProviderNames {
  /** Takes every name as it is. */
  ProviderNames ANY = Optional::of;

  /**
   * The id of a provider given by id or alias, lower case; empty when there is none of that name.
   */
  Optional<String> idOf(String nameOrAlias);
}
