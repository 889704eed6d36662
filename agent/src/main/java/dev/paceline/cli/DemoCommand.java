package dev.paceline.cli;

import dev.paceline.sim.Plan;
import dev.paceline.sim.http.SimServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * {@code demo}: the product at work with no key and no internet. A rate-limited provider ({@code
 * sim} over HTTP), and the same unmodified client program in two forked JVMs one after the other,
 * without and with the agent.
 */
public final class DemoCommand {
  /**
   * The client program; copied out of this jar as it is, so that its JVM has nothing else of ours
   * on the class path.
   */
  private static final String CLIENT = "dev.paceline.democlient.DemoClient";

  private static final Duration SERVICE = Duration.ofMillis(300);
  private static final long LONGEST_RUN_SECONDS = 300;

  static final Set<String> OPTIONS = Set.of("--calls", "--threads", "--rpm", "--quick");

  static final String HELP =
      """
        --calls N    calls the client program makes (default 400)
        --threads N  its threads (default 60)
        --rpm N      requests a minute the provider grants, with a burst of one second's worth (default 1200)
        --quick      fewer calls: 120 from 40 threads
      """;

  private final Options options;
  private final Path agentJar;
  private final PrintStream out;
  private final PrintStream err;

  private DemoCommand(Options options, Path agentJar, PrintStream out, PrintStream err) {
    this.options = options;
    this.agentJar = agentJar;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the demo.
   *
   * @param args the options after {@code demo}
   * @param out progress and the closing table
   * @return 0 = shown; 1 = the client program could not be run; 2 = wrong options, or not run from
   *     the agent's jar
   */
  public static int run(String[] args, PrintStream out) {
    return run(args, out, System.err);
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      err.println("paceline demo: " + e.getMessage());
      err.print(HELP);
      return 2;
    }
    String jar = System.getProperty("paceline.agent.jar", "");
    if (jar.isEmpty() || !Files.isRegularFile(Path.of(jar))) {
      err.println("paceline demo: run it as java -jar paceline-agent.jar demo");
      return 2;
    }
    try {
      return new DemoCommand(options, Path.of(jar), out, err).show();
    } catch (IOException | UncheckedIOException e) {
      err.println("paceline demo: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int show() throws IOException, InterruptedException {
    out.printf(
        Locale.ROOT,
        "A provider that grants %d requests a minute (bursts of %d) and takes %d ms to answer;%n"
            + "a client program with %d threads that makes %d calls, and repeats a failed one twice.%n%n",
        options.rpm(),
        options.burst(),
        SERVICE.toMillis(),
        options.threads(),
        options.calls());
    Path classes = Files.createTempDirectory("paceline-demo");
    try {
      copyClient(classes);
      DemoRun without = fork("without the agent", classes, false);
      DemoRun with = fork("with the agent", classes, true);
      DemoTable.print(out, options.optimumSeconds(SERVICE), without, with);
      return without.complete() && with.complete() ? 0 : 1;
    } finally {
      delete(classes);
    }
  }

  private DemoRun fork(String title, Path classes, boolean withAgent)
      throws IOException, InterruptedException {
    try (SimServer server =
        SimServer.builder()
            .plan(Plan.requestsPerMinute(options.rpm(), options.burst()))
            .dialect("openai")
            .service(SERVICE)
            .start()) {
      Process process = start(command(classes, server, withAgent));
      try {
        DemoRun run = follow(title, process, server);
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
          err.println("paceline demo: the client program " + title + " did not end well");
          return run.incomplete();
        }
        return run;
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private List<String> command(Path classes, SimServer server, boolean withAgent) {
    List<String> command = new ArrayList<>();
    command.add(java());
    if (withAgent) {
      command.add("-javaagent:" + agentJar);
      command.add("-Dpaceline.hosts=127.0.0.1:" + server.port() + "=openai");
    }
    command.add("-cp");
    command.add(classes.toString());
    command.add(CLIENT);
    command.add(server.uri().toString());
    command.add(Integer.toString(options.calls()));
    command.add(Integer.toString(options.threads()));
    return command;
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    // An agent or a setting that the user's shell gives to every JVM would be in both runs.
    builder
        .environment()
        .keySet()
        .removeIf(
            key ->
                key.equals("JAVA_TOOL_OPTIONS")
                    || key.equals("JDK_JAVA_OPTIONS")
                    || key.equals("_JAVA_OPTIONS")
                    || key.startsWith("PACELINE_"));
    return builder.start();
  }

  /** The java of this very JVM. */
  private static String java() {
    return ProcessHandle.current()
        .info()
        .command()
        .filter(command -> Path.of(command).getFileName().toString().startsWith("java"))
        .orElseGet(
            () ->
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
  }

  private DemoRun follow(String title, Process process, SimServer server) throws IOException {
    DemoScreen screen = new DemoScreen(out, title, options.calls());
    Thread errors = new Thread(() -> pass(process, screen), "paceline-demo-stderr");
    errors.setDaemon(true);
    errors.start();
    // A client program that hangs must not hang the demo: its end closes the stream that is read
    // below.
    process
        .onExit()
        .orTimeout(LONGEST_RUN_SECONDS, TimeUnit.SECONDS)
        .exceptionally(late -> process.destroyForcibly());
    DemoRun run = DemoRun.start(title);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Optional<DemoRun> next = run.read(line, server.count(429), server.count());
        if (next.isPresent()) {
          run = next.get();
          screen.progress(run);
        } else {
          screen.line(line);
        }
      }
    }
    try {
      errors.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    screen.end();
    return run;
  }

  /**
   * What the client program's JVM says on stderr: with the agent, its one line with the console's
   * address.
   */
  private static void pass(Process process, DemoScreen screen) {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        screen.line(line);
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private static void copyClient(Path classes) throws IOException {
    String file = CLIENT.replace('.', '/') + ".class";
    try (InputStream in = DemoCommand.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("the client program is missing from the agent's jar: " + file);
      }
      Path target = classes.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(in, target);
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      // A few kilobytes in the temporary directory are no reason to fail.
    }
  }

  /**
   * What to show.
   *
   * @param rpm requests a minute
   */
  record Options(int calls, int threads, int rpm) {
    static Options parse(String[] args) {
      int calls = 400;
      int threads = 60;
      int rpm = 1200;
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--quick" -> {
            calls = 120;
            threads = 40;
          }
          case "--calls" -> calls = number(args, ++i);
          case "--threads" -> threads = number(args, ++i);
          case "--rpm" -> rpm = number(args, ++i);
          default -> throw new IllegalArgumentException("unknown option " + args[i]);
        }
      }
      return new Options(calls, threads, rpm);
    }

    private static int number(String[] args, int at) {
      String option = args[at - 1];
      int value;
      try {
        value = at < args.length ? Integer.parseInt(args[at]) : 0;
      } catch (NumberFormatException e) {
        value = 0;
      }
      if (value < 1 || value > 1_000_000) {
        throw new IllegalArgumentException(option + " needs a number from 1 to 1000000");
      }
      return value;
    }

    /** One second's worth. */
    int burst() {
      return Math.max(1, rpm / 60);
    }

    /**
     * The shortest time in which all calls can be served: by the limit, or by the threads that wait
     * for answers.
     */
    double optimumSeconds(Duration service) {
      double serviceSeconds = service.toMillis() / 1000.0;
      double byLimit = Math.max(0, calls - burst()) * 60.0 / rpm + serviceSeconds;
      double byThreads = Math.ceil(calls / (double) threads) * serviceSeconds;
      return Math.max(byLimit, byThreads);
    }
  }
}
