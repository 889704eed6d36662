package dev.paceline.okhttp.beside;

import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** A body over a source; the factory methods for one have changed their signatures over time. */
final class SourceBody extends ResponseBody {
  private final @Nullable MediaType type;
  private final long length;
  private final BufferedSource source;

  SourceBody(@Nullable MediaType type, long length, BufferedSource source) {
    this.type = type;
    this.length = length;
    this.source = source;
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
  public BufferedSource source() {
    return source;
  }
}
