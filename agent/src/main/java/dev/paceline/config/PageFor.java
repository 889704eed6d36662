package dev.paceline.config;

/** Who may see the console's page and state. */
public enum PageFor {
  /** Whoever asks a console on loopback by a local name. */
  LOCAL,
  /** Whoever reaches the port, under any name. */
  PUBLIC
}
