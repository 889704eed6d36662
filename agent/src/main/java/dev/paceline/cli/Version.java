package dev.paceline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which release this is. */
final class Version {
  private Version() {}

  static String current() {
    try (InputStream in = Version.class.getResourceAsStream("/dev/paceline/paceline.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException unreadable) {
      return "unknown";
    }
  }
}
