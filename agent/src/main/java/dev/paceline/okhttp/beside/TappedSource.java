package dev.paceline.okhttp.beside;

import dev.paceline.call.BodyTap;
import java.io.IOException;
import java.io.OutputStream;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.Source;
import okio.Timeout;

/**
 * The body of a served answer, with a tap that sees what the application reads, when it reads it.
 *
 * <p>Ours is the last of the application's interceptors, so OkHttp's bridge is below it: a body
 * that OkHttp asked to be gzipped by itself comes decoded here, without {@code Content-Encoding};
 * one for which the application asked comes as it was sent, with it. (An interceptor for other
 * codings, such as OkHttp's own for Brotli, is above.)
 */
final class TappedSource implements Source {
  private final BufferedSource from;
  private final long length;
  private final BodyTap tap;

  /**
   * What was read last. Its bytes are looked at in here, not in the reader's buffer: to find the
   * end of a long one, okio walks through all of it.
   */
  private final Buffer passing = new Buffer();

  private final OutputStream eye =
      new OutputStream() {
        @Override
        public void write(int b) {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
          tap.bytes(bytes, offset, count);
        }
      };

  private long seen;

  private TappedSource(BufferedSource from, long length, BodyTap tap) {
    this.from = from;
    this.length = length;
    this.tap = tap;
  }

  /**
   * The response with a tapped body of the same type and length.
   *
   * @param from the body's source
   */
  static Response in(Response response, ResponseBody body, BufferedSource from, BodyTap tap) {
    TappedSource source = new TappedSource(from, Answers.length(body), tap);
    return response.newBuilder().body(new SourceBody(body, source, source::ended)).build();
  }

  @Override
  public long read(Buffer sink, long byteCount) throws IOException {
    long n;
    try {
      n = from.read(passing, byteCount);
    } catch (IOException | RuntimeException | Error e) {
      tap.end(false);
      throw e;
    }
    if (n < 0) {
      tap.end(true);
      return n;
    }
    passing.copyTo(eye, 0, n);
    sink.write(passing, n);
    seen += n;
    if (seen == length) {
      tap.end(true); // many readers count, and do not ask for the end
    }
    return n;
  }

  private boolean ended() {
    tap.end(false);
    return true;
  }

  @Override
  public Timeout timeout() {
    return from.timeout();
  }

  @Override
  public void close() throws IOException {
    tap.end(false);
    from.close();
  }
}
