package dev.paceline.okhttp.beside;

import dev.paceline.call.ReplayPool;
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
 * An application's body that is not read ahead (too long, of unknown length, no JSON): written by
 * the application when OkHttp asks for it, and kept meanwhile, so that a further attempt sends the
 * same bytes. A body that is longer than may be kept passes through, and is not repeated.
 */
final class KeptBody extends RequestBody {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final RequestBody body;
  private final ReplayPool pool;
  private final Buffer copy = new Buffer();
  private long length = UNKNOWN;
  private boolean begun;
  private boolean keeping;
  private boolean whole;

  KeptBody(RequestBody body, ReplayPool pool) {
    this.body = body;
    this.pool = pool;
  }

  /** Whether a further attempt would send the bytes of the first. */
  boolean repeatable() {
    return whole || !begun;
  }

  /** Gives the copy's memory back; nothing is sent after it. */
  void end() {
    keeping = false;
    whole = false;
    forget();
  }

  private void forget() {
    pool.giveBack(copy.size());
    copy.clear();
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  /** As first told: a stream's {@code available()} is 0 once it is read. */
  @Override
  public long contentLength() throws IOException {
    if (length == UNKNOWN) {
      length = body.contentLength();
    }
    return length;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    if (whole) {
      sink.write(copy.clone(), copy.size());
      return;
    }
    begun = true;
    keeping = true;
    forget(); // OkHttp writes anew when a pooled connection turns out to be dead
    BufferedSink both = Okio.buffer(new Both(sink));
    body.writeTo(both);
    if (both.isOpen()) {
      both.emit();
    }
    whole = keeping;
  }

  private final class Both implements Sink {
    private final BufferedSink wire;

    Both(BufferedSink wire) {
      this.wire = wire;
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      if (keeping) {
        keeping = copy.size() + byteCount <= ReplayPool.MOST_BODY && pool.take(byteCount);
        if (keeping) {
          source.copyTo(copy, 0, byteCount);
        } else {
          forget();
        }
      }
      wire.write(source, byteCount);
    }

    @Override
    public void flush() throws IOException {
      wire.flush();
    }

    @Override
    public Timeout timeout() {
      return wire.timeout();
    }

    @Override
    public void close() throws IOException {
      wire.close();
    }
  }
}
