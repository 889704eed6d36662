package dev.paceline.bootstrap;

import java.io.File;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.security.ProtectionDomain;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Compares class names and nothing else. The agent's loader and the weaving code come into being
 * when the first class of an HTTP client appears.
 */
public final class ClassWatcher implements ClassFileTransformer {
  private final String arguments;
  private final Instrumentation instrumentation;
  private final File jar;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Weaving weaving;
  private volatile boolean failed;

  private ClassWatcher(String arguments, Instrumentation instrumentation, File jar) {
    this.arguments = arguments;
    this.instrumentation = instrumentation;
    this.jar = jar;
  }

  /**
   * Called by premain. Public, since the system loader's copy of the premain class is in another
   * run-time package than the boot loader's copy of this one when the jar was renamed.
   */
  public static void install(
      String arguments, Instrumentation instrumentation, File jar, boolean attached)
      throws Exception {
    if (!Bridge.claim()) {
      Stderr.warn("paceline: the agent is attached twice; the first one stays in charge");
      return;
    }
    ClassWatcher watcher = new ClassWatcher(arguments, instrumentation, jar);
    instrumentation.addTransformer(watcher, true);
    if (AtStart.isConfigured(arguments)) {
      AtStart.run(watcher, AtStart.wantsBanner(arguments));
    }
    // Another agent, or the application on dynamic attach, may have used a client already.
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      String name = loaded.getName();
      if ((name.startsWith("okhttp3.") || name.startsWith("jdk.internal.net.http."))
          && isTarget(name.replace('.', '/'))) {
        instrumentation.retransformClasses(loaded);
      } else if (name.startsWith("io.") && isLibrary(name.replace('.', '/'))) {
        Bridge.library(name.replace('.', '/'), loaded.getClassLoader());
      }
    }
  }

  private static boolean isTarget(String name) {
    switch (name) {
      case "jdk/internal/net/http/HttpClientFacade":
      case "jdk/internal/net/http/ResponseSubscribers$TrustedSubscriber":
      case "okhttp3/OkHttpClient":
      case "okhttp3/Dispatcher":
      case "okhttp3/RealCall":
      case "okhttp3/internal/connection/RealCall":
      case "okhttp3/internal/connection/Transmitter":
        return true;
      default:
        return false;
    }
  }

  /**
   * Clients that the agent does not hook: named once, so that "nothing happens" is never silent.
   */
  private static boolean isUncovered(String name) {
    switch (name) {
      case "reactor/netty/http/client/HttpClient":
      case "org/apache/http/impl/client/CloseableHttpClient":
      case "org/apache/hc/client5/http/impl/classic/CloseableHttpClient":
      case "org/apache/hc/client5/http/impl/async/CloseableHttpAsyncClient":
      case "software/amazon/awssdk/crt/http/HttpClientConnectionManager":
      case "software/amazon/awssdk/http/nio/netty/NettyNioAsyncHttpClient":
      case "software/amazon/awssdk/http/urlconnection/UrlConnectionHttpClient":
      case "io/grpc/ManagedChannel":
      case "io/ktor/client/engine/cio/CIOEngine":
      case "io/vertx/core/http/impl/HttpClientImpl":
      case "io/micronaut/http/client/netty/DefaultHttpClient":
      case "org/eclipse/jetty/client/HttpClient":
        return true;
      default:
        return name.endsWith("/okhttp3/OkHttpClient") && !name.equals("okhttp3/OkHttpClient");
    }
  }

  /**
   * The entries of the libraries through which an application reports its own figures: whose loader
   * has defined one is asked, from the first LLM call on, whether it takes the agent's too. A fat
   * jar's loader is found in no other way.
   */
  private static boolean isLibrary(String name) {
    switch (name) {
      case "io/micrometer/core/instrument/Metrics":
      case "io/opentelemetry/api/GlobalOpenTelemetry":
      case "io/opentelemetry/api/trace/Span": // an SDK that is never made the global one
        return true;
      default:
        return false;
    }
  }

  @Override
  public byte[] transform(
      ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
    if (name == null) {
      return null;
    }
    try {
      if (isTarget(name)) {
        Weaving w = weaving();
        return w == null ? null : w.weave(loader, name, bytes);
      }
      if (isUncovered(name) && redefined == null) {
        Bridge.uncovered(name);
      }
      if (redefined == null && isLibrary(name)) {
        Bridge.library(name, loader);
      }
    } catch (Throwable t) {
      report(t);
    }
    return null;
  }

  /** On {@link AtStart}'s thread. */
  void atStart() {
    try {
      Weaving w = weaving();
      if (w != null) {
        w.atStart();
      }
    } catch (Throwable t) {
      Stderr.warn("could not read its configuration at the start: " + t);
    }
  }

  private Weaving weaving() {
    // Classes that are loaded while the agent's own are, by the thread that loads those; any other
    // thread waits, or its client would stay as it is.
    if (weaving != null || failed || lock.isHeldByCurrentThread()) {
      return weaving;
    }
    lock.lock();
    try {
      if (weaving == null && !failed) {
        weaving =
            (Weaving)
                new AgentClassLoader(jar)
                    .loadClass("dev.paceline.agent.Agent")
                    .getMethod("start", String.class, Instrumentation.class, File.class)
                    .invoke(null, arguments, instrumentation, jar);
      }
    } catch (Throwable t) {
      failed = true;
      report(t instanceof InvocationTargetException ? t.getCause() : t);
    } finally {
      lock.unlock();
    }
    return weaving;
  }

  private static void report(Throwable t) {
    Stderr.warn("paceline: could not hook an HTTP client, the application runs without it: " + t);
  }
}
