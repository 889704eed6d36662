package dev.paceline.tokens;

/** Counts the tokens of a text, or of something written as JSON. */
interface TokenMeter {
  /** The tokens of the text between two places of a body, as JSON writes it: UTF-8 with escapes. */
  double count(byte[] body, int from, int end);
}
