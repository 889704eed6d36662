package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.CallListener;
import dev.paceline.call.Calls;
import dev.paceline.call.Policies;
import dev.paceline.config.ConfigWatcher;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Policy;
import dev.paceline.config.ProviderNames;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import java.io.File;
import java.lang.instrument.Instrumentation;
import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Builds the rooms, each as late as it can be. */
final class Runtime {
  private final @Nullable String arguments;
  private final Instrumentation instrumentation;
  private final File jar;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Calls calls;
  private volatile @Nullable ConfigWatcher config;

  Runtime(@Nullable String arguments, Instrumentation instrumentation, File jar) {
    this.arguments = arguments;
    this.instrumentation = instrumentation;
    this.jar = jar;
  }

  void woven(String className) {
    Bridge.onFault((thread, fault) -> calls().fault("bridge", fault));
    switch (className) {
      case "jdk/internal/net/http/HttpClientFacade" ->
          Bridge.install(
              new dev.paceline.jdkhttp.JdkAdapter(this::calls, this::replayBytes, instrumentation));
      case "okhttp3/OkHttpClient" ->
          Bridge.install(new dev.paceline.okhttp.OkHttpAdapter(this::calls, instrumentation));
      default -> {}
    }
  }

  /** The call room; built at the first request of a hooked client. */
  Calls calls() {
    Calls built = calls;
    return built != null ? built : build();
  }

  private Calls build() {
    lock.lock();
    try {
      Calls built = calls;
      if (built == null) {
        built = newCalls();
        calls = built;
      }
      return built;
    } finally {
      lock.unlock();
    }
  }

  private Calls newCalls() {
    SystemClock clock = new SystemClock();
    ConfigWatcher config =
        new ConfigWatcher(
            Inputs.ofProcess(arguments == null ? "" : arguments),
            new DiskFiles(),
            ProviderNames.ANY,
            settings -> {},
            line -> log("paceline: " + line));
    this.config = config;
    config.current().problems().forEach(problem -> log("paceline: " + problem.line()));
    Policies policies =
        new Policies() {
          @Override
          public boolean enabled() {
            return config.current().enabled();
          }

          @Override
          public Policy policyFor(String provider, String model, String host) {
            return config.current().policyFor(provider, model, host);
          }
        };
    long key = new SecureRandom().nextLong();
    return new Calls(
        clock,
        new SystemTimer(clock),
        () -> ThreadLocalRandom.current().nextDouble(),
        policies,
        CallListener.NONE,
        new Recognizer(),
        new Classifier(),
        credential -> key ^ credential.hashCode(),
        this::log);
  }

  private long replayBytes() {
    ConfigWatcher watcher = config;
    return watcher == null
        ? 0
        : watcher.current().replayMaxBytes(java.lang.Runtime.getRuntime().maxMemory());
  }

  void log(String line) {
    System.err.println(line);
  }
}
