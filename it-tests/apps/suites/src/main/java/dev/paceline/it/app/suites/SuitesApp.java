package dev.paceline.it.app.suites;

import dev.paceline.it.app.Say;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the suites, and says of each test how it ended. */
public final class SuitesApp {
  private static final List<Class<?>> SUITES =
      List.of(LangChain4jOverJdk.class, LangChain4jTimeouts.class);

  private SuitesApp() {}

  public static void main(String[] args) {
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(SUITES.stream().map(DiscoverySelectors::selectClass).toList())
                .build(),
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  Say said =
                      Say.run(test.getLegacyReportingName())
                          .with("ok", result.getStatus() == TestExecutionResult.Status.SUCCESSFUL)
                          .with("text", result.getStatus());
                  result.getThrowable().ifPresent(said::failure);
                  said.with("millis", 0L).line();
                }
              }
            });
    System.exit(0);
  }
}
