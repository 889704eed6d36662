package dev.paceline.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class BridgeTest {
  /** A security manager, a jar that was overwritten: whoever counts faults cannot be built. */
  @Test
  void aFaultThatNobodyCanCountIsSaidOnce() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(said, true));
    try {
      Bridge.install(
          new JdkHook() {
            @Override
            public Object[] send(Object client, Object request, Object handler) {
              throw new NoClassDefFoundError("fake");
            }

            @Override
            public Object[] sendAsync(
                Object client, Object request, Object handler, Object pushHandler) {
              throw new NoClassDefFoundError("fake");
            }

            @Override
            public Object bodySubscriber(Object subscriber) {
              throw new NoClassDefFoundError("fake");
            }

            @Override
            public void closing(Object client) {}

            @Override
            public void stopping(Object client) {}
          });
      Bridge.onFault(
          (thread, fault) -> {
            throw new IllegalStateException("nor can this");
          });
      for (int i = 0; i < 5; i++) {
        assertThat(Bridge.jdkSend("client", "request", "handler")).isNull();
      }
      assertThat(Bridge.jdkBodySubscriber("theirs")).isEqualTo("theirs");
    } finally {
      System.setErr(before);
      Bridge.install((JdkHook) null);
      Bridge.onFault(null);
    }
    assertThat(said.toString().lines()).hasSize(1);
    assertThat(said.toString())
        .contains(" WARN paceline: cannot work in this JVM, calls pass without it: ")
        .contains("NoClassDefFoundError: fake");
  }
}
