package dev.paceline.tokens;

import dev.paceline.words.Headers;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Watches a served body for what it says that the call did cost: OpenAI's {@code usage} and {@code
 * response.usage}, Anthropic's {@code message_start} and {@code message_delta}, Gemini's {@code
 * usageMetadata}, Cohere's {@code tokens}, Ollama's counters, Bedrock's {@code metadata} event,
 * frames and headers. The place in the body tells them apart, so a gateway that speaks for several
 * providers needs no rule of its own.
 *
 * <p>Where a stream says it more than once, the last one counts (they are cumulative everywhere);
 * Anthropic's later ones lie over the first, for they hold some of the counters only. A stream that
 * is cut counts with what was seen.
 *
 * <p>Bytes are only read, and may be cut anywhere; nothing of prompt or answer is kept. Memory:
 * under 1 KiB. Belongs to one body and one thread at a time; never throws.
 */
public final class UsageScanner {
  private static final int PIECE = 4 * 1024;

  private final Tally tally;
  private @Nullable Feed feed;
  private byte @Nullable [] piece;

  private UsageScanner(Tally tally, @Nullable Feed feed) {
    this.tally = tally;
    this.feed = feed;
  }

  /**
   * A scanner of this answer's body; null when neither headers nor a body of such a kind can tell.
   *
   * @param headers headers of a 2xx answer
   * @param readable whether the body's bytes come decoded; else the headers alone can tell
   */
  public static @Nullable UsageScanner of(Headers headers, boolean readable) {
    Tally tally = new Tally();
    // Bedrock's /invoke: the body is the model's own, the headers are the same for all.
    boolean told =
        header(tally, headers, "x-amzn-bedrock-input-token-count", Tally.Counter.INPUT)
            | header(tally, headers, "x-amzn-bedrock-output-token-count", Tally.Counter.OUTPUT);
    String type = headers.first("content-type");
    Feed feed = type == null || !readable ? null : feed(tally, type.toLowerCase(Locale.ROOT));
    return feed == null && !told ? null : new UsageScanner(tally, feed);
  }

  private static boolean header(Tally tally, Headers headers, String name, Tally.Counter counter) {
    String value = headers.first(name);
    if (value == null) {
      return false;
    }
    try {
      tally.added(counter, Long.parseLong(value.trim()));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static @Nullable Feed feed(Tally tally, String type) {
    if (type.startsWith("application/vnd.amazon.eventstream")) {
      return new AwsFeed(tally);
    }
    if (type.startsWith("text/event-stream")) {
      return new SseFeed(tally);
    }
    if (type.contains("ndjson") || type.contains("stream+json") || type.contains("jsonl")) {
      return new JsonFeed(tally, true);
    }
    return type.contains("json") ? new JsonFeed(tally, false) : null;
  }

  /** Takes the next bytes of the body. */
  public void bytes(byte[] bytes, int offset, int length) {
    Feed to = feed;
    if (to == null) {
      return;
    }
    try {
      to.feed(bytes, offset, offset + length);
    } catch (RuntimeException e) {
      // The body is the application's: what cannot be understood is let pass.
      feed = null;
    }
  }

  /** The same for a buffer, whose position stays. */
  public void bytes(ByteBuffer buffer) {
    if (feed == null) {
      return;
    }
    if (buffer.hasArray()) {
      bytes(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
      return;
    }
    byte[] copy = piece;
    if (copy == null || copy.length < Math.min(PIECE, buffer.remaining())) {
      copy = new byte[Math.min(PIECE, buffer.remaining())]; // most answers are short
      piece = copy;
    }
    for (int at = buffer.position(); at < buffer.limit(); ) {
      int length = Math.min(copy.length, buffer.limit() - at);
      buffer.get(at, copy, 0, length);
      bytes(copy, 0, length);
      at += length;
    }
  }

  /** What was seen until now; null when nothing was. */
  public @Nullable Usage usage() {
    return tally.usage();
  }
}
