package dev.paceline.config;

import java.util.List;
import java.util.Optional;

/**
 * What a text was understood as.
 *
 * @param value empty when nothing of it was understood
 * @param rejected for lists: the entries that were not understood; the value holds the others
 */
record Parsed<T>(Optional<T> value, List<String> rejected) {
  static <T> Parsed<T> of(T value) {
    return new Parsed<>(Optional.of(value), List.of());
  }

  static <T> Parsed<T> of(Optional<T> value) {
    return new Parsed<>(value, List.of());
  }
}
