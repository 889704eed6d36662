package dev.paceline.agent;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** What this machine or pod is called: asked once, for a resolver may take its time. */
final class HostName {
  private static volatile @Nullable String name;

  private HostName() {}

  static String get() {
    String known = name;
    if (known == null) {
      known = find();
      name = known;
    }
    return known;
  }

  private static String find() {
    String given = given("HOSTNAME");
    if (!given.isEmpty()) {
      return given;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }

  /** An environment variable; empty when it is not set. */
  static String given(String variable) {
    String value = System.getenv(variable);
    return value == null ? "" : value;
  }
}
