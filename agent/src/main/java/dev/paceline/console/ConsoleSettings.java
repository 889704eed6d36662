package dev.paceline.console;

/**
 * Where the console listens.
 *
 * @param host name or address of an interface; {@code paceline.console.host}
 * @param port port, 0 to let the system pick one, {@link #OFF} for no console; {@code
 *     paceline.console.port}
 * @param publicPage whether page and state are for whoever reaches the port, under any name; {@code
 *     paceline.console.page=public}
 */
public record ConsoleSettings(String host, int port, boolean publicPage) {
  /** No console. */
  public static final int OFF = -1;

  /** Page and state on loopback only. */
  public ConsoleSettings(String host, int port) {
    this(host, port, false);
  }
}
