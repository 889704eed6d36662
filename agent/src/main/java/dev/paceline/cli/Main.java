package dev.paceline.cli;

import dev.paceline.agent.Version;
import dev.paceline.config.ConfigReader;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.ProviderNames;
import dev.paceline.config.Settings;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Provider;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.Endpoint;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The command line: the one place that knows all commands. Called reflectively by the jar's main
 * class.
 */
public final class Main {
  /** Whoever speaks like OpenAI. */
  private static final String UNKNOWN_PROVIDER = "generic";

  private Main() {}

  /**
   * Runs a command.
   *
   * @param args none is the same as {@code help}
   * @return the exit code
   */
  public static int run(String[] args, PrintStream out, PrintStream err, InputStream in) {
    return commandLine(
            () -> Inputs.ofProcess(""),
            name -> Optional.ofNullable(Providers.find(name)).map(Provider::id))
        .run(args, new StandardStreams(out, err, in));
  }

  static CommandLine commandLine(Supplier<Inputs> process, ProviderNames providers) {
    List<CommandLine.Entry> entries = new ArrayList<>();
    entries.add(
        new CommandLine.Entry(
            "config",
            "[FILE]",
            "every key with default and meaning; with a file: effective values and their sources",
            "",
            Set.of(),
            () -> new ConfigCommand(process, providers)));
    entries.add(
        new CommandLine.Entry(
            "check",
            "FILE",
            "validates a configuration file; exit code 1 when something is wrong",
            "",
            Set.of(),
            () -> new CheckCommand(providers)));
    entries.add(
        new CommandLine.Entry(
            "explain",
            "[FILE]",
            "what recorded answers mean and what the agent would do",
            ExplainCommand.HELP,
            Set.of(ExplainCommand.PROVIDER),
            () -> explain(process, providers)));
    entries.add(
        new CommandLine.Entry(
            "status",
            "[OPTIONS] [URL]",
            "what the agent of a running process does (default http://127.0.0.1:19429)",
            StatusCommand.HELP,
            Set.of(StatusCommand.JSON, StatusCommand.WATCH),
            StatusCommand::new));
    entries.add(
        new CommandLine.Entry(
            "demo",
            "[OPTIONS]",
            "shows the product with no key and no internet",
            DemoCommand.HELP,
            DemoCommand.OPTIONS,
            () -> (args, console) -> DemoCommand.run(args, console.out(), console.err())));
    entries.add(
        new CommandLine.Entry(
            "sim",
            "[OPTIONS]",
            "a rate-limited provider on loopback, to try a program and a configuration against",
            SimCommand.HELP,
            SimCommand.OPTIONS,
            SimCommand::new));
    entries.add(
        new CommandLine.Entry(
            "replay",
            "FILE... [OPTIONS]",
            "what recorded calls would meet under other limits, and which limits they need",
            ReplayOptions.HELP,
            ReplayOptions.NAMES,
            () ->
                new ReplayCommand(
                    () -> ConfigReader.read(process.get(), new DiskFiles(), providers))));
    entries.add(
        new CommandLine.Entry(
            "version", "", "prints the version", "", Set.of(), () -> Main::version));
    return new CommandLine(Version.TEXT, entries);
  }

  private static Command explain(Supplier<Inputs> process, ProviderNames providers) {
    Classifier classifier = new Classifier();
    Settings settings = ConfigReader.read(process.get(), new DiskFiles(), providers);
    AnswerJudge judge =
        (provider, answer, now) ->
            classifier.judge(
                provider.isEmpty() ? UNKNOWN_PROVIDER : providers.idOf(provider).orElse(provider),
                answer,
                now);
    Recognizer recognizer = new Recognizer();
    return new ExplainCommand(
        judge,
        new RulesAdvisor(settings),
        url -> providerOf(url, recognizer),
        System::currentTimeMillis);
  }

  private static String providerOf(String url, Recognizer recognizer) {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null && uri.getRawPath() != null) {
        Endpoint endpoint = recognizer.recognise(uri.getHost(), uri.getPort(), uri.getRawPath());
        return endpoint == null ? "" : endpoint.provider();
      }
    } catch (IllegalArgumentException noUrl) {
      // nobody's
    }
    return "";
  }

  private static int version(String[] args, StandardStreams console) {
    console.out().println(Version.TEXT);
    return Command.OK;
  }
}
