package dev.paceline.cli;

import dev.paceline.config.ConfigReader;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Key;
import dev.paceline.config.Keys;
import dev.paceline.config.Problem;
import dev.paceline.config.ProviderNames;
import dev.paceline.config.RuleKeys;
import dev.paceline.config.Setting;
import dev.paceline.config.Settings;
import dev.paceline.config.Source;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * {@code config}: every key with default and meaning. {@code config FILE}: what would hold in this
 * environment with that file.
 */
final class ConfigCommand implements Command {
  private final Supplier<Inputs> process;
  private final ProviderNames providers;

  /**
   * @param process system properties and environment of this process: run in the application's
   *     container, they are the application's
   */
  ConfigCommand(Supplier<Inputs> process, ProviderNames providers) {
    this.process = process;
    this.providers = providers;
  }

  @Override
  public int run(String[] args, StandardStreams console) {
    if (args.length > 1) {
      return USAGE;
    }
    if (args.length == 0) {
      Keys.all().forEach(key -> describe(key, console.out()));
      console
          .out()
          .println(
              "For some calls only; <id> is a name of your choice (a-z, 0-9, -), and the most specific rule that matches holds:");
      console.out().println();
      RuleKeys.all().forEach(key -> describe(key, console.out()));
      return OK;
    }
    return effective(args[0], console);
  }

  private static void describe(Key<?> key, PrintStream out) {
    String byDefault = key.defaultText().isEmpty() ? "(not set)" : key.defaultText();
    out.println(
        key.property()
            + " = "
            + byDefault
            + (key.dynamic() ? "   [file changes apply at once]" : ""));
    out.println("    " + key.meaning());
    out.println("    accepted: " + key.type().accepted());
    out.println("    e.g. -D" + key.property() + "=" + key.example() + environment(key));
    out.println();
  }

  private static String environment(Key<?> key) {
    return key.places().contains(Source.ENVIRONMENT)
        ? " or " + key.environmentVariable() + "=" + key.example()
        : "";
  }

  private int effective(String file, StandardStreams console) {
    Inputs own = process.get();
    Map<String, String> properties = new LinkedHashMap<>(own.systemProperties());
    properties.put(Keys.CONFIG_FILE.property(), file);
    Inputs inputs = new Inputs(properties, own.agentArguments(), own.environment());
    Settings settings = ConfigReader.read(inputs, new DiskFiles(), providers);
    Table table = new Table();
    table.row("KEY", "VALUE", "SOURCE");
    for (Setting<?> setting : settings.all()) {
      if (!setting.name().equals(Keys.CONFIG_FILE.name())) {
        table.row(
            Key.PREFIX + setting.name(),
            setting.text().isEmpty() ? "-" : setting.text(),
            setting.source().text());
      }
    }
    table.print(console.out());
    if (settings.ruleIds().size() > 1) {
      console.out().println();
      console
          .out()
          .println("rules, the first that matches holds: " + String.join(", ", settings.ruleIds()));
    }
    settings
        .problems()
        .forEach(problem -> console.err().println("paceline: " + Table.clean(problem.line())));
    return settings.problems().stream().anyMatch(problem -> problem.kind() == Problem.Kind.FILE)
        ? FAILED
        : OK;
  }
}
