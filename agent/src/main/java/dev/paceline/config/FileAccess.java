package dev.paceline.config;

import java.io.IOException;

/** The file system as this room needs it. */
public interface FileAccess {
  /**
   * What the file looks like now; {@link FileStamp#ABSENT} when it is not there or cannot be looked
   * at.
   */
  FileStamp fingerprint(String path);

  /**
   * The file's text.
   *
   * @throws IOException when it cannot be read, or is far too large to be a configuration
   */
  String read(String path) throws IOException;
}
