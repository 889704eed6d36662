package dev.paceline.console;

/**
 * Where the console listens.
 *
 * @param host name or address of an interface; {@code paceline.console.host}
 * @param port port, 0 to let the system pick one, {@link #OFF} for no console; {@code
 *     paceline.console.port}
 * @param publicPage whether page and state are for whoever reaches the port, under any name; {@code
 *     paceline.console.page=public}
 * @param pageHost a loopback address on which page and state are served although the console
 *     listens on another: metrics for a scraper, the page for who is on the machine; empty for
 *     none; {@code paceline.console.page.host}
 */
public record ConsoleSettings(String host, int port, boolean publicPage, String pageHost) {
  /** No console. */
  public static final int OFF = -1;

  /** Page and state on loopback only. */
  public ConsoleSettings(String host, int port) {
    this(host, port, false);
  }

  /** No address for the page of its own. */
  public ConsoleSettings(String host, int port, boolean publicPage) {
    this(host, port, publicPage, "");
  }
}
