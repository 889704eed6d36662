package dev.paceline.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Finds the command that the first argument names. */
final class CommandLine {
  private static final Set<String> HELP_OPTIONS = Set.of("--help", "-h", "-?");

  private final String version;
  private final List<Entry> entries;

  /**
   * A command in the list.
   *
   * @param name what is typed; two dashes before it are allowed
   * @param arguments what may follow, for the help
   * @param meaning one line for the help
   * @param details what {@code COMMAND --help} adds: options, input and output; may be empty
   * @param options every option that the command takes; another one is refused
   * @param command made when it is needed
   */
  record Entry(
      String name,
      String arguments,
      String meaning,
      String details,
      Set<String> options,
      Supplier<Command> command) {}

  CommandLine(String version, List<Entry> entries) {
    this.version = version;
    this.entries = List.copyOf(entries);
  }

  int run(String[] args, StandardStreams console) {
    String typed = args.length == 0 ? "help" : args[0].replaceFirst("^--?", "");
    if (List.of("help", "h", "?").contains(typed)) {
      help(console);
      return Command.OK;
    }
    Optional<Entry> entry =
        entries.stream().filter(candidate -> candidate.name().equals(typed)).findFirst();
    if (entry.isEmpty()) {
      console
          .err()
          .println(
              "paceline: no such command: "
                  + Table.clean(args[0])
                  + "; see java -jar paceline-agent.jar help");
      return Command.USAGE;
    }
    String[] rest = Arrays.copyOfRange(args, 1, args.length);
    if (Arrays.stream(rest).anyMatch(HELP_OPTIONS::contains)) {
      details(entry.get(), console);
      return Command.OK;
    }
    for (String argument : rest) {
      if (argument.startsWith("--") && !entry.get().options().contains(name(argument))) {
        console
            .err()
            .println("paceline " + typed + ": unknown option " + Table.clean(name(argument)));
        console.err().println("usage: " + usage(entry.get()));
        return Command.USAGE;
      }
    }
    int status = entry.get().command().get().run(rest, console);
    if (status == Command.USAGE) {
      console.err().println("usage: " + usage(entry.get()));
    }
    console.out().flush();
    return status;
  }

  private void help(StandardStreams console) {
    console
        .out()
        .println("Paceline " + version + ": keeps a JVM inside the rate limits of LLM providers");
    console.out().println();
    console.out().println("  java -javaagent:paceline-agent.jar[=key=value;...] -jar app.jar");
    console.out().println("  java -jar paceline-agent.jar COMMAND");
    console.out().println();
    Table table = new Table();
    for (Entry entry : entries) {
      table.row("  " + entry.name() + " " + entry.arguments(), entry.meaning());
    }
    table.row("  help", "prints this");
    table.print(console.out());
    console.out().println();
    console.out().println("  COMMAND --help says more of one command.");
  }

  private static String name(String option) {
    int at = option.indexOf('=');
    return at < 0 ? option : option.substring(0, at);
  }

  private static void details(Entry entry, StandardStreams console) {
    console.out().println("usage: " + usage(entry));
    console.out().println(entry.meaning());
    if (!entry.details().isEmpty()) {
      console.out().println();
      console.out().print(entry.details());
    }
    console.out().flush();
  }

  private static String usage(Entry entry) {
    return ("java -jar paceline-agent.jar " + entry.name() + " " + entry.arguments()).trim();
  }
}
