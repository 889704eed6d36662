package dev.paceline.provider.error;

import dev.paceline.provider.Classifier;
import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes of a served stream for an error event: OpenAI's {@code response.failed},
 * Anthropic's {@code event: error}, an {@code error} object in a chunk, an exception frame of AWS's
 * event stream. Bytes may be cut anywhere. Only fields count, never the model's own words.
 *
 * <p>Belongs to one stream and one thread at a time. Every byte is looked at a fixed number of
 * times; at most {@value #MAX_EVENT} bytes of an event are kept. Never throws.
 */
public final class StreamErrors {
  /** An error stands at the beginning of its event; what follows is an echo of the request. */
  static final int MAX_EVENT = 16 * 1024;

  private final @Nullable Provider provider;
  private final Headers headers;
  private final Scanner scanner;
  private boolean done;

  private StreamErrors(@Nullable Provider provider, Headers headers, Scanner scanner) {
    this.provider = provider;
    this.headers = headers;
    this.scanner = scanner;
  }

  /**
   * A watcher of this answer's body; null when the answer is no stream of a kind that carries
   * errors: server-sent events, JSON lines, AWS's event stream, Google's array of chunks.
   *
   * @param provider id or alias of who answered; any dialect when it is not known
   * @param headers headers of the answer
   */
  public static @Nullable StreamErrors of(String provider, Headers headers) {
    String type = headers.first("content-type");
    if (type == null) {
      return null;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    Provider known = Providers.find(provider);
    Scanner scanner = scanner(lower, known);
    return scanner == null ? null : new StreamErrors(known, headers, scanner);
  }

  private static @Nullable Scanner scanner(String type, @Nullable Provider provider) {
    if (type.startsWith("application/vnd.amazon.eventstream")) {
      return new AwsScanner();
    }
    if (type.contains("event-stream") || type.contains("ndjson")) {
      return new LineScanner();
    }
    return provider != null && provider.streamsArrays() && type.startsWith("application/json")
        ? new ArrayScanner()
        : null;
  }

  /**
   * Takes the next bytes of the body; they are only read.
   *
   * @param nowEpochMillis the time, should the error name a moment and the answer carry no date
   * @return what the stream's error means, once; null as long as there is none
   */
  public @Nullable Classification feed(byte[] bytes, int offset, int length, long nowEpochMillis) {
    return feed(ByteBuffer.wrap(bytes, offset, length), nowEpochMillis);
  }

  /** The same for a buffer, whose position stays. */
  public @Nullable Classification feed(ByteBuffer bytes, long nowEpochMillis) {
    if (done) {
      return null;
    }
    try {
      return judged(scanner.feed(bytes), nowEpochMillis);
    } catch (RuntimeException | StackOverflowError e) {
      // The stream is the application's: what cannot be understood is let pass.
      done = true;
      return null;
    }
  }

  /** The stream ended: an event whose last line was not closed counts all the same. */
  public @Nullable Classification end(long nowEpochMillis) {
    if (done) {
      return null;
    }
    try {
      return judged(scanner.end(), nowEpochMillis);
    } catch (RuntimeException | StackOverflowError e) {
      return null;
    } finally {
      done = true;
    }
  }

  /** Whether the stream's first event was read to its end; comments and names are none. */
  public boolean begun() {
    return scanner.begun();
  }

  private @Nullable Classification judged(@Nullable Found found, long now) {
    if (found == null) {
      return null;
    }
    done = true;
    LenientJson.Node error = found.error();
    String exception = found.exception();
    if (exception != null) {
      return Classifier.inStream(provider, headers, exception, error, now);
    }
    return error == null ? null : Classifier.inStream(provider, headers, error, now);
  }

  /**
   * An error.
   *
   * @param exception name of the exception, in AWS's event stream
   * @param error the event that is the error, or the exception's payload
   */
  record Found(@Nullable String exception, LenientJson.@Nullable Node error) {}

  /** Cuts bytes into events. */
  sealed interface Scanner permits LineScanner, AwsScanner, ArrayScanner {
    @Nullable Found feed(ByteBuffer bytes);

    @Nullable Found end();

    /** Whether an event was read to its end. */
    boolean begun();
  }
}
