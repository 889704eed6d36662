package dev.paceline.console;

/**
 * Where the console listens.
 *
 * @param host name or address of an interface; {@code paceline.console.host}
 * @param port port, 0 to let the system pick one, {@link #OFF} for no console; {@code
 *     paceline.console.port}
 */
public record ConsoleSettings(String host, int port) {
  /** No console. */
  public static final int OFF = -1;

  /** Loopback, port 19429. */
  public static final ConsoleSettings DEFAULT = new ConsoleSettings("127.0.0.1", 19429);
}
