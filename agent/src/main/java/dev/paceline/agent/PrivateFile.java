package dev.paceline.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file that is this process's own: regular, no link out of its folder, of this user and readable
 * for nobody else. Whatever else lies in its place is neither read nor replaced: a FIFO would block
 * its reader for ever, a device would be renamed away, and a planted key is no secret.
 */
final class PrivateFile {
  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-------");

  private final Path path;
  private final Path self;
  private final LongSupplier random;

  /**
   * @param self a file of this user's, to compare owners with: {@code /proc/self}
   * @param random for names of files that are there for a moment
   */
  PrivateFile(Path path, Path self, LongSupplier random) {
    this.path = path.toAbsolutePath();
    this.self = self;
    this.random = random;
  }

  /**
   * @throws NoSuchFileException when there is none
   * @throws IOException when it cannot be read, or must not be
   */
  byte[] read(int mostBytes) throws IOException {
    Path place = place();
    requireRegular(place);
    requireOwn(place);
    try (InputStream in = Files.newInputStream(place, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(mostBytes + 1);
      if (bytes.length > mostBytes) {
        throw new IOException("it is too large");
      }
      return bytes;
    }
  }

  /** Written beside and moved: a reader sees the old bytes or the new ones. */
  void replace(byte[] bytes) throws IOException {
    Path place = place();
    try {
      requireRegular(place);
    } catch (NoSuchFileException first) {
      // nothing is in the way
    }
    Path temporary = temporary();
    try {
      write(temporary, bytes);
      try {
        Files.move(
            temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, place, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Opens it for adding at its end; makes it where there is none.
   *
   * @throws IOException when it cannot be written, or must not be
   */
  FileChannel append() throws IOException {
    Path place = place();
    try {
      requireRegular(place);
    } catch (NoSuchFileException first) {
      return FileChannel.open(
          place, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND), mode(place));
    }
    requireOwn(place);
    return FileChannel.open(
        place,
        Set.of(StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
        new FileAttribute<?>[0]);
  }

  /**
   * Makes it with all its bytes at once, so that another process never reads half of them.
   *
   * @throws FileAlreadyExistsException when something is there
   */
  void create(byte[] bytes) throws IOException {
    Path temporary = temporary();
    try {
      write(temporary, bytes);
      try {
        Files.createLink(path, temporary);
      } catch (FileAlreadyExistsException another) {
        throw another;
      } catch (IOException | UnsupportedOperationException noHardLinks) {
        write(path, bytes);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Not the process's id alone: in containers that share a folder each process is number 1. */
  private Path temporary() {
    String mark = ProcessHandle.current().pid() + "-" + Long.toHexString(random.getAsLong());
    return path.resolveSibling(path.getFileName() + "." + mark + ".tmp");
  }

  /** The path itself, or where a link within its own folder leads. */
  private Path place() throws IOException {
    if (!Files.isSymbolicLink(path)) {
      return path;
    }
    Path folder = path.getParent();
    Path real = path.toRealPath();
    if (folder == null || !folder.toRealPath().equals(real.getParent())) {
      throw new IOException("it is a link out of its folder");
    }
    return real;
  }

  private static void requireRegular(Path place) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new IOException("it is not a regular file");
    }
  }

  private void requireOwn(Path place) throws IOException {
    if (!posix(place)) {
      return;
    }
    PosixFileAttributes attributes =
        Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    UserPrincipal user = user();
    if (user != null && !user.equals(attributes.owner())) {
      throw new IOException("it belongs to another user");
    }
    if (!MODE.containsAll(attributes.permissions())) {
      throw new IOException("others than its owner may use it (chmod 600 helps)");
    }
  }

  private @Nullable UserPrincipal user() {
    try {
      return Files.getOwner(self);
    } catch (IOException | UnsupportedOperationException noProc) {
      try {
        return path.getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(System.getProperty("user.name", ""));
      } catch (IOException | UnsupportedOperationException unknown) {
        return null;
      }
    }
  }

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] mode(Path path) {
    return posix(path)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(MODE)}
        : new FileAttribute<?>[0];
  }

  /** Never an existing file, nor one that a link names; nothing stays when it fails. */
  private static void write(Path path, byte[] bytes) throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(path, options, mode(path))) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true); // else a power cut could leave an empty file under the final name
      } catch (IOException e) {
        Files.deleteIfExists(path); // a full disk must not leave a key of no bytes
        throw e;
      }
    }
  }
}
