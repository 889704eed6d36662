package dev.paceline.okhttp.beside;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.Okio;
import okio.Sink;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * What was read of an application's body, sent in its place. The usual {@code RequestBody} over an
 * {@code InputStream} does not say that it can be written only once: written by us to look at it
 * and then by OkHttp, it reached the server empty.
 *
 * <p>Type and length are what the body said before it was written, wrong ones too; what its {@code
 * writeTo} threw is thrown where OkHttp writes.
 */
final class CopiedBody extends RequestBody {
  private final @Nullable MediaType type;
  private final long length;
  private final byte[] bytes;
  private final @Nullable Throwable failure;

  private CopiedBody(
      @Nullable MediaType type, long length, byte[] bytes, @Nullable Throwable failure) {
    this.type = type;
    this.length = length;
    this.bytes = bytes;
    this.failure = failure;
  }

  /**
   * Writes the body, for the one time.
   *
   * @param length what it said, in bytes
   * @param most so many bytes are taken of a body that is longer than it said
   */
  static CopiedBody read(RequestBody body, @Nullable MediaType type, long length, long most) {
    Store store = new Store(most);
    Throwable failure = null;
    try {
      // Not a Buffer: bodies that count their progress leave that out where they are only logged,
      // and tell it by the type of the sink.
      BufferedSink sink = Okio.buffer(store);
      body.writeTo(sink);
      sink.close(); // as OkHttp does; some bodies do it themselves
    } catch (Throwable t) {
      failure = t;
    }
    return new CopiedBody(type, length, store.got.readByteArray(), failure);
  }

  /** The bytes; for reading only. */
  byte[] bytes() {
    return bytes;
  }

  /** Whether the body could be read to its end. */
  boolean whole() {
    return failure == null;
  }

  @Override
  public @Nullable MediaType contentType() {
    return type;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    sink.write(bytes);
    if (failure != null) {
      throw Thrown.io(failure);
    }
  }

  /** Takes bytes up to a bound. */
  private static final class Store implements Sink {
    private final long most;
    private final Buffer got = new Buffer();

    Store(long most) {
      this.most = most;
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      got.write(source, byteCount);
      if (got.size() > most) {
        throw new IOException("the body is longer than its contentLength");
      }
    }

    @Override
    public void flush() {}

    @Override
    public Timeout timeout() {
      return Timeout.NONE;
    }

    @Override
    public void close() {}
  }
}
