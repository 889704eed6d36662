package dev.paceline.words;

/**
 * What came back for one attempt.
 *
 * @param status HTTP status, 100–599
 * @param headers response headers
 * @param body the first bytes of the body, at most 64 KiB, as they were on the wire (perhaps gzip);
 *     empty when it was not read
 * @param complete whether {@code body} is the whole body; when false, status and headers decide
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two rooms, never compared
public record ProviderResponse(int status, Headers headers, byte[] body, boolean complete) {}
