package dev.paceline.jdkhttp;

import dev.paceline.call.OwnHeader;
import java.net.http.HttpHeaders;

/** Finds {@link OwnHeader}s among those of a request. */
final class JdkOwnHeaders {
  private JdkOwnHeaders() {}

  static boolean in(HttpHeaders headers) {
    for (String name : headers.map().keySet()) {
      if (OwnHeader.is(name)) {
        return true;
      }
    }
    return false;
  }
}
