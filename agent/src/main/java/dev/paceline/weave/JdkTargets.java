package dev.paceline.weave;

import java.util.List;

/**
 * What is woven into the JDK's HttpClient: its public face, not {@code HttpClientImpl}. There
 * {@code this} keeps the client alive during a wait (JDK-8288746: a collected facade stops the
 * selector), and other agents' advice stays inside, so that each attempt is a span of its own.
 */
final class JdkTargets {
  static final List<Insertion> FACADE =
      List.of(
          new OutcomeAtEntry("send", 2, "jdkSend"),
          new OutcomeAtEntry("sendAsync", 2, "jdkSendAsync"),
          new OutcomeAtEntry("sendAsync", 3, "jdkSendAsync"),
          new SignalAtEntry("shutdown", "jdkClosing"),
          new SignalAtEntry("shutdownNow", "jdkStopping"),
          new SignalAtEntry("close", "jdkClosing"));

  private JdkTargets() {}
}
