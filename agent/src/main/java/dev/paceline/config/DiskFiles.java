package dev.paceline.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Collectors;

/** The real file system. Not loaded in premain: {@code java.nio.file} costs time there. */
public final class DiskFiles implements FileAccess {
  private static final int MAX_BYTES = 1 << 20;

  @Override
  public FileStamp fingerprint(String path) {
    try {
      Path real = Path.of(path).toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      return new FileStamp(
          real.toString(), attributes.size(), attributes.lastModifiedTime().toMillis());
    } catch (IOException | InvalidPathException | SecurityException absent) {
      return FileStamp.ABSENT;
    }
  }

  @Override
  public String read(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("larger than 1 MiB");
      }
      return decoded(bytes);
    } catch (InvalidPathException | SecurityException unusable) {
      throw new IOException(unusable);
    }
  }

  /**
   * UTF-8; comments may be in any charset.
   *
   * @throws IOException for what is no text: bytes that are garbage must not be read as a file
   *     without settings
   */
  private static String decoded(byte[] bytes) throws IOException {
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    if (latin.indexOf('\0') >= 0) {
      throw new CharacterCodingException();
    }
    try {
      return strict(bytes);
    } catch (CharacterCodingException e) {
      String withoutComments =
          latin
              .lines()
              .map(line -> line.stripLeading().matches("[#!].*") ? "#" : line)
              .collect(Collectors.joining("\n"));
      return strict(withoutComments.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static String strict(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
