package dev.paceline.provider.error;

import dev.paceline.words.ProviderResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of an answer as text was meant: unpacked, and no more than {@value #MAX_UNPACKED} of
 * them.
 */
public final class ReadableBody {
  /**
   * What the call room hands over at most; a body that was longer is judged by status and headers.
   */
  public static final int MAX_BODY = 64 * 1024;

  private static final int MAX_UNPACKED = 256 * 1024;

  private ReadableBody() {}

  public static byte[] readable(ProviderResponse answer) {
    byte[] body = answer.body();
    boolean gzip = body.length > 2 && body[0] == 0x1f && (body[1] & 0xff) == 0x8b;
    return gzip ? unpacked(body) : body;
  }

  private static byte[] unpacked(byte[] packed) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(Math.min(MAX_UNPACKED, packed.length * 4));
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] buffer = new byte[4096];
      for (int n = in.read(buffer); n >= 0 && out.size() < MAX_UNPACKED; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // Cut off or broken: what was unpacked until here counts.
    }
    return out.toByteArray();
  }
}
