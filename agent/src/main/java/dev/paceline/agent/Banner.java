package dev.paceline.agent;

import dev.paceline.config.Keys;
import dev.paceline.config.Settings;
import dev.paceline.config.Source;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The agent's one line about itself, at the JVM's start or with the first call. */
final class Banner {
  private final Settings settings;
  private final String version;

  Banner(Settings settings, String version) {
    this.settings = settings;
    this.version = version;
  }

  /** With the first call, and when a console opens early. */
  String console(Optional<URI> address) {
    return about() + ", " + address(address);
  }

  /** At the start, when the console is open already. */
  String early(Optional<URI> address) {
    return "attached, " + about() + ", " + problems() + ", " + address(address);
  }

  /** At the start, when the console waits for the first call. */
  String lazy() {
    String console = "no console";
    if (!settings.enabled()) {
      console = "switched off";
    } else if (settings.consolePort().isPresent()) {
      int port = settings.consolePort().getAsInt();
      String host = settings.get(Keys.CONSOLE_HOST);
      console =
          "the first call to an LLM opens the console"
              + (port == 0 ? "" : " at http://" + host + ":" + port + "/");
    }
    return "attached, " + about() + ", " + problems() + ", " + console;
  }

  private String about() {
    return version
        + ", mode "
        + settings.mode().name().toLowerCase(Locale.ROOT)
        + ", configuration from "
        + sources();
  }

  private String sources() {
    List<Source> sources = settings.sources();
    return sources.isEmpty()
        ? "built-in values"
        : sources.stream().map(Source::text).collect(Collectors.joining(", "));
  }

  private String problems() {
    long serious = settings.problems().stream().filter(problem -> problem.serious()).count();
    return serious == 0
        ? "no configuration problems"
        : serious == 1 ? "1 configuration problem" : serious + " configuration problems";
  }

  private static String address(Optional<URI> address) {
    return address.map(uri -> "console " + uri).orElse("no console");
  }
}
