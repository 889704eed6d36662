package dev.paceline.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The real file system. Not loaded in premain: {@code java.nio.file} costs time there. */
public final class DiskFiles implements FileAccess {
  private static final int MAX_BYTES = 1 << 20;

  @Override
  public Fingerprint fingerprint(String path) {
    try {
      Path real = Path.of(path).toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      return new Fingerprint(
          real.toString(), attributes.size(), attributes.lastModifiedTime().toMillis());
    } catch (IOException | InvalidPathException | SecurityException absent) {
      return Fingerprint.ABSENT;
    }
  }

  @Override
  public String read(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("larger than 1 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (InvalidPathException | SecurityException unusable) {
      throw new IOException(unusable);
    }
  }
}
