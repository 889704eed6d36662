package dev.paceline.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Whose failures switch the agent off. */
class FaultsTest {
  private final List<String> log = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final VirtualTime time = new VirtualTime();
  private final Faults faults =
      new Faults(
          time,
          new CallListener() {
            @Override
            public void fault(String component, Throwable fault) {
              told.add(component);
            }
          },
          log::add,
          () -> log.add("released"));

  private static Throwable at(String... classes) {
    IllegalStateException fault = new IllegalStateException("fake");
    StackTraceElement[] trace = new StackTraceElement[classes.length];
    for (int i = 0; i < classes.length; i++) {
      trace[i] = new StackTraceElement(classes[i], "m", null, 1);
    }
    fault.setStackTrace(trace);
    return fault;
  }

  private void addMany(Throwable fault) {
    for (int i = 0; i < 20; i++) {
      faults.add("jdk", fault);
    }
  }

  @Test
  void tenOfTheAgentsOwnSwitchItOffOnceAndLoudly() {
    addMany(at("java.util.Objects", "dev.paceline.jdkhttp.SyncCall", "com.example.App"));
    assertThat(faults.passThrough()).isTrue();
    assertThat(told).hasSize(20);
    assertThat(log).hasSize(3).contains("released");
  }

  @Test
  void aFaultInsideALibraryOfTheAgentsCounts() {
    addMany(at("com.fasterxml.jackson.core.JsonFactory", "dev.paceline.tokens.ModelReader"));
    assertThat(faults.passThrough()).isTrue();
  }

  @Test
  void aFaultInsideTheClientThatWeCallCounts() {
    addMany(at("okhttp3.internal.http.RealInterceptorChain", "dev.paceline.okhttp.beside.Pass"));
    assertThat(faults.passThrough()).isTrue();
  }

  @Test
  void aFaultWithoutATraceCounts() {
    addMany(at());
    assertThat(faults.passThrough()).isTrue();
  }

  @Test
  void whatTheApplicationsOwnCodeThrowsNeverCounts() {
    addMany(at("com.example.Publisher", "dev.paceline.jdkhttp.AttemptBody", "com.example.App"));
    addMany(
        at(
            "java.util.Objects",
            "java.util.Optional",
            "com.example.Publisher",
            "dev.paceline.jdkhttp.AttemptBody"));
    addMany(
        at(
            "com.example.Publisher",
            "jdk.internal.net.http.Http1Request",
            "dev.paceline.jdkhttp.AttemptBody"));
    addMany(new RejectedExecutionException("the application's pool is shut down"));
    assertThat(faults.passThrough()).isFalse();
    assertThat(told).isEmpty();
    assertThat(log).isEmpty();
  }
}
