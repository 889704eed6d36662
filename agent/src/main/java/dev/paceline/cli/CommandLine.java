package dev.paceline.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds the command that the first argument names. */
final class CommandLine {
  private final String version;
  private final List<Entry> entries;

  /**
   * A command in the list.
   *
   * @param name what is typed; two dashes before it are allowed
   * @param arguments what may follow, for the help
   * @param meaning one line for the help
   * @param command made when it is needed
   */
  record Entry(String name, String arguments, String meaning, Supplier<Command> command) {}

  CommandLine(String version, List<Entry> entries) {
    this.version = version;
    this.entries = List.copyOf(entries);
  }

  int run(String[] args, Console console) {
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
    int status = entry.get().command().get().run(Arrays.copyOfRange(args, 1, args.length), console);
    if (status == Command.USAGE) {
      console.err().println("usage: " + usage(entry.get()));
    }
    console.out().flush();
    return status;
  }

  private void help(Console console) {
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
  }

  private static String usage(Entry entry) {
    return ("java -jar paceline-agent.jar " + entry.name() + " " + entry.arguments()).trim();
  }
}
