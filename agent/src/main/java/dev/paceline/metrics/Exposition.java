package dev.paceline.metrics;

/**
 * Writes all meters in a format that a scraper understands. Implemented by an exporter, asked by
 * the console.
 */
public interface Exposition {
  /**
   * @param accept the scraper's {@code Accept} header, empty when it sent none
   */
  Page render(String accept);

  /**
   * A rendered scrape.
   *
   * @param contentType value of the {@code Content-Type} header
   * @param body the bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier between two rooms, never compared
  record Page(String contentType, byte[] body) {}
}
