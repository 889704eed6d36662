package dev.paceline.okhttp.beside;

import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** A body of bytes; the factory methods for one have changed their signatures over time. */
final class BytesBody extends ResponseBody {
  private final @Nullable MediaType type;
  private final int length;
  private final Buffer source;

  BytesBody(@Nullable MediaType type, byte[] bytes) {
    this.type = type;
    this.length = bytes.length;
    this.source = new Buffer().write(bytes);
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
