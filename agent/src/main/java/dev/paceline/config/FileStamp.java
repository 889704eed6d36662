package dev.paceline.config;

/**
 * Tells whether a file is still the one that was read.
 *
 * @param realPath where the path leads once every link is followed: a Kubernetes ConfigMap is
 *     replaced by turning a link to a folder, and the new file may have the size and time of the
 *     old one
 * @param size in bytes
 * @param modifiedMillis time of the last change, milliseconds since the epoch
 */
public record FileStamp(String realPath, long size, long modifiedMillis) {
  /** No such file. */
  public static final FileStamp ABSENT = new FileStamp("", -1, -1);
}
