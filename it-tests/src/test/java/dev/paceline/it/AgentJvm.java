package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * An application in a JVM of its own, with the agent's real jar.
 *
 * <pre>{@code
 * Ended ended =
 *     AgentJvm.run(OkHttpApp.class)
 *         .withJdk(25)
 *         .with("okhttp:4.12.0")
 *         .against(upstream)
 *         .withArguments("always-429.sync")
 *         .await();
 * }</pre>
 */
final class AgentJvm {
  static final Path MODULE = Path.of(System.getProperty("it.module", ".")).toAbsolutePath();
  private static final Path APPS = MODULE.resolve("apps");

  /** What every application sees: how it speaks to the test, and looks inside the agent. */
  static final Path COMMON = APPS.resolve("common/target/classes");

  /** Where tests may write. */
  static final Path TARGET = MODULE.resolve("target");

  /** The jar under test. */
  static final Path JAR =
      Path.of(System.getProperty("paceline.jar", MODULE + "/../agent/target/paceline-agent.jar"))
          .toAbsolutePath()
          .normalize();

  private final String main;
  private int jdk = 17;
  private Optional<Path> java = Optional.empty();
  private final List<String> agents = new ArrayList<>(List.of(JAR.toString()));
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Path> classPath = new ArrayList<>(List.of(COMMON));
  private List<String> launch = List.of();
  private final List<String> arguments = new ArrayList<>();
  private Path directory = TARGET;
  private Duration timeout = Duration.ofSeconds(90);
  private boolean leavesCalls;

  private AgentJvm(String main) {
    this.main = main;
    properties.put("paceline.console.port", "off");
  }

  static AgentJvm run(Class<?> main) {
    return new AgentJvm(main.getName());
  }

  static AgentJvm run(String main) {
    return new AgentJvm(main);
  }

  AgentJvm withJdk(int version) {
    jdk = version;
    return this;
  }

  /** Not one of the JDKs, but this launcher. */
  AgentJvm withJava(Path launcher) {
    java = Optional.of(launcher);
    return this;
  }

  /**
   * Adds a cell: its application and the jars that Maven resolved for it.
   *
   * @param cell a folder of it-tests/apps; a version may follow a colon
   */
  AgentJvm with(String cell) {
    Path classes = folderOf(cell).resolve("classes");
    if (Files.isDirectory(classes)) {
      classPath.add(classes);
    }
    classPath.addAll(jarsOf(cell));
    return this;
  }

  /** Adds the jars of a cell. */
  AgentJvm withJars(String cell) {
    classPath.addAll(jarsOf(cell));
    return this;
  }

  AgentJvm withClasses(Path folder) {
    classPath.add(folder);
    return this;
  }

  /** Adds the classes of a cell without its jars. */
  AgentJvm withApp(String cell) {
    classPath.add(folderOf(cell).resolve("classes"));
    return this;
  }

  /** The jars that Maven resolved for a cell. */
  static List<Path> jarsOf(String cell) {
    Path list = folderOf(cell).resolve("classpath");
    assertThat(list).as("the cell's jars; mvn package -pl it-tests -am lists them").exists();
    try {
      return Stream.of(Files.readString(list).split(File.pathSeparator)).map(Path::of).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path folderOf(String cell) {
    return APPS.resolve(cell.replace(':', '-')).resolve("target");
  }

  /** A system property; a second one of the same name wins. */
  AgentJvm withProperty(String key, String value) {
    properties.put(key, value);
    return this;
  }

  AgentJvm withoutProperty(String key) {
    properties.remove(key);
    return this;
  }

  AgentJvm withEnvironment(String key, String value) {
    environment.put(key, value);
    return this;
  }

  AgentJvm withOptions(String... jvmOptions) {
    options.addAll(List.of(jvmOptions));
    return this;
  }

  AgentJvm withArguments(String... args) {
    arguments.addAll(List.of(args));
    return this;
  }

  AgentJvm withArguments(List<String> args) {
    arguments.addAll(args);
    return this;
  }

  AgentJvm withoutAgent() {
    agents.clear();
    return this;
  }

  /** Exactly these {@code -javaagent} values, in this order. */
  AgentJvm withAgents(String... javaAgents) {
    agents.clear();
    agents.addAll(List.of(javaAgents));
    return this;
  }

  /** Instead of the class path and the main class, as in {@code -jar app.jar} or {@code -m}. */
  AgentJvm launchedBy(String... words) {
    launch = List.of(words);
    return this;
  }

  AgentJvm in(Path workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  /**
   * The application leaves while calls of it are under way, so that nothing can be said of what
   * they hold. Without this it is checked at the JVM's end that nobody waits and nothing is on the
   * way any more.
   */
  AgentJvm leavingCalls() {
    leavesCalls = true;
    return this;
  }

  AgentJvm withTimeout(Duration most) {
    timeout = most;
    return this;
  }

  /** Shorter waits than anybody would configure: tests are about order, not about patience. */
  AgentJvm withShortWaits() {
    return withProperty("paceline.backoff.initial", "50ms")
        .withProperty("paceline.backoff.perhaps-processed", "50ms")
        .withProperty("paceline.backoff.cap", "400ms");
  }

  /** Short lives: the second compiler would cost more than it gains. */
  AgentJvm withQuickStart() {
    return withOptions("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m");
  }

  /** The upstream plays an OpenAI, whose address the application gets. */
  AgentJvm against(Upstream upstream) {
    return against(upstream, "openai");
  }

  /** The upstream plays {@code provider}; the application trusts its certificate. */
  AgentJvm against(Upstream upstream, String provider) {
    return withProperty("it.url", upstream.url())
        .withProperty("it.tls", upstream.tlsUrl())
        .withProperty("javax.net.ssl.trustStore", upstream.trustStore().toString())
        .withProperty("javax.net.ssl.trustStorePassword", Certificates.PASSWORD)
        .withProperty(
            "paceline.hosts",
            "127.0.0.1:%d=%s,localhost:%d=%s"
                .formatted(upstream.port(), provider, upstream.tlsPort(), provider));
  }

  /** After {@link #against(Upstream)}: a rate-limited OpenAI beside it, and the console. */
  AgentJvm with(SimProcess sim) {
    return withProperty("it.sim", sim.url())
        .withProperty("paceline.console.port", "0")
        .withProperty(
            "paceline.hosts",
            properties.get("paceline.hosts") + ",127.0.0.1:%d=openai".formatted(sim.port()));
  }

  /** Starts the JVM; the caller ends it. */
  Forked start() {
    Optional<Path> rest = Optional.empty();
    if (!agents.isEmpty() && !leavesCalls) {
      rest = Optional.of(TARGET.resolve("rest-" + UUID.randomUUID()));
      properties.put("it.rest", rest.get().toString());
    }
    List<String> command = new ArrayList<>();
    command.add(java.map(Path::toString).orElseGet(() -> Jdk.tool(jdk, "java")));
    agents.forEach(agent -> command.add("-javaagent:" + agent));
    command.addAll(options);
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    if (launch.isEmpty()) {
      command.add("-cp");
      command.add(String.join(File.pathSeparator, classPath.stream().map(Path::toString).toList()));
      command.add(main);
    } else {
      command.addAll(launch);
    }
    command.addAll(arguments);
    return Forked.start(command, environment, directory, timeout, rest);
  }

  /** Starts the JVM and waits for its end. */
  Ended await() {
    try (Forked forked = start()) {
      return forked.await();
    }
  }
}
