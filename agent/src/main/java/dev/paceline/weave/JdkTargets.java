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

  /**
   * Where the client asks whether {@code getBody} of a subscriber may block: of any that is not its
   * own it thinks so, and hands it to its executor, from that executor's own threads. One whose
   * queue is full and whose {@code execute} waits for room then stands still.
   */
  static final List<Insertion> TRUSTED =
      List.of(new ArgumentThrough("needsExecutor", "jdkBodySubscriber"));

  private JdkTargets() {}
}
