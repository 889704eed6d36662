package dev.paceline.jdkhttp;

import java.net.http.HttpHeaders;

/** Request headers that speak to the agent: they never leave the process. */
final class JdkOwnHeaders {
  private static final String PREFIX = "x-paceline-";

  private JdkOwnHeaders() {}

  static boolean in(HttpHeaders headers) {
    for (String name : headers.map().keySet()) {
      if (isOwn(name)) {
        return true;
      }
    }
    return false;
  }

  static boolean isOwn(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }
}
