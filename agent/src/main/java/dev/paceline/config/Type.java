package dev.paceline.config;

import java.util.function.Function;

/**
 * How the text of a value is read. Parsing never throws.
 *
 * @param <T> what the text becomes
 */
public final class Type<T> {
  private final String name;
  private final String accepted;
  private final Function<String, Parsed<T>> parser;

  Type(String name, String accepted, Function<String, Parsed<T>> parser) {
    this.name = name;
    this.accepted = accepted;
    this.parser = parser;
  }

  /** One word for tables: {@code duration}. */
  public String name() {
    return name;
  }

  /** What is accepted, for people: continues the sentence <em>accepted: …</em>. */
  public String accepted() {
    return accepted;
  }

  Parsed<T> parse(String text) {
    return parser.apply(text.trim());
  }
}
