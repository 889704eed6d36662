package dev.paceline.cli;

import dev.paceline.config.ConfigReader;
import dev.paceline.config.DiskFiles;
import dev.paceline.config.Inputs;
import dev.paceline.config.Keys;
import dev.paceline.config.Problem;
import dev.paceline.config.ProviderNames;
import dev.paceline.config.Settings;
import java.util.Map;

/**
 * {@code check FILE}: the file alone, whatever this process's environment says, so that a build
 * server sees what production will.
 */
final class CheckCommand implements Command {
  private final ProviderNames providers;

  CheckCommand(ProviderNames providers) {
    this.providers = providers;
  }

  @Override
  public int run(String[] args, StandardStreams console) {
    if (args.length != 1 || args[0].isBlank()) {
      return USAGE;
    }
    Inputs inputs = new Inputs(Map.of(Keys.CONFIG_FILE.property(), args[0]), "", Map.of());
    Settings settings = ConfigReader.read(inputs, new DiskFiles(), providers);
    for (Problem problem : settings.problems()) {
      console
          .out()
          .println((problem.serious() ? "error: " : "note: ") + Table.clean(problem.line()));
    }
    long errors = settings.problems().stream().filter(Problem::serious).count();
    console
        .out()
        .println(
            Table.clean(args[0])
                + ": "
                + (errors == 0 ? "good" : errors == 1 ? "1 error" : errors + " errors"));
    return errors == 0 ? OK : FAILED;
  }
}
