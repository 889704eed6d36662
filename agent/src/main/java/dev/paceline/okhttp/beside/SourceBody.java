package dev.paceline.okhttp.beside;

import java.util.function.BooleanSupplier;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import okio.Okio;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * A body over a source of ours that reads from another body. That one may be the application's, put
 * in place by a network interceptor: type and length are asked for when the application asks.
 */
final class SourceBody extends ResponseBody {
  private final ResponseBody body;
  private final BufferedSource source;
  private final BooleanSupplier mayClose;

  /**
   * @param mayClose run when this is closed; false when somebody else will close the other body
   */
  SourceBody(ResponseBody body, Source source, BooleanSupplier mayClose) {
    this.body = body;
    this.source = Okio.buffer(source);
    this.mayClose = mayClose;
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public BufferedSource source() {
    return source;
  }

  @Override
  public void close() {
    if (mayClose.getAsBoolean()) {
      body.close();
    }
  }
}
