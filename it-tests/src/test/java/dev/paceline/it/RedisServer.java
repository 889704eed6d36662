package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real Redis, or Valkey, without a file; tests are skipped where there is neither. */
final class RedisServer implements AutoCloseable {
  /** Obviously no password of anybody's. */
  static final String PASSWORD = "canary-password-of-a-test";

  private final int port;
  private final Path folder;
  private final List<String> options;
  private Process process;

  private RedisServer(Path folder, int port, List<String> options) throws IOException {
    this.folder = folder;
    this.port = port;
    this.options = options;
    start();
  }

  /** The server's program; {@code valkey-server} with {@code -Dit.redis=valkey-server}. */
  private static String program() {
    String asked = System.getProperty("it.redis", "");
    for (String name :
        asked.isEmpty() ? List.of("redis-server", "valkey-server") : List.of(asked)) {
      for (String path : System.getenv("PATH").split(File.pathSeparator)) {
        if (Files.isExecutable(Path.of(path, name))) {
          return path + File.separator + name;
        }
      }
    }
    return "";
  }

  /**
   * @param options of its command line, behind those that every test needs
   */
  static RedisServer start(Path folder, String... options) throws IOException {
    assumeTrue(!program().isEmpty(), "neither redis-server nor valkey-server is on the path");
    return new RedisServer(folder, Ports.free(), List.of(options));
  }

  /** Begins; anew and empty, at the same port, when it was killed. */
  void start() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(program(), "--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
    command.addAll(List.of("--requirepass", PASSWORD, "--enable-debug-command", "local"));
    command.addAll(options);
    process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    BufferedReader said = process.inputReader();
    String line;
    do {
      line = said.readLine();
      assertThat(line).as("the server of the test ends").isNotNull();
    } while (!line.contains("Ready to accept connections"));
  }

  /** With the password of the one user that may do all. */
  String url() {
    return "redis://:" + PASSWORD + "@127.0.0.1:" + port + "/0";
  }

  /** As another user, with the same password. */
  String url(String user) {
    return "redis://" + user + ":" + PASSWORD + "@127.0.0.1:" + port + "/0";
  }

  /** What it answers to a line, as it is on the wire. */
  String ask(String line) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String all = "AUTH " + PASSWORD + "\r\n" + line + "\r\nQUIT\r\n";
      socket.getOutputStream().write(all.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often a command was called, as the server counts. */
  int calls(String command) {
    Matcher found =
        Pattern.compile("cmdstat_" + command + ":calls=(\\d+),").matcher(ask("INFO commandstats"));
    return found.find() ? Integer.parseInt(found.group(1)) : 0;
  }

  /** As {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
