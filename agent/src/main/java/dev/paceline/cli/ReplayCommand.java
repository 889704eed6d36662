package dev.paceline.cli;

import dev.paceline.config.Keys;
import dev.paceline.config.Settings;
import dev.paceline.record.RecordReader;
import dev.paceline.replay.Arrivals;
import dev.paceline.replay.RecordedLoad;
import dev.paceline.replay.ReplayLimits;
import dev.paceline.replay.ReplayResult;
import dev.paceline.replay.Replayer;
import dev.paceline.words.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code replay FILE... [OPTIONS]}: runs a record of calls in virtual time against limits, and
 * names the smallest that would do.
 */
final class ReplayCommand implements Command {
  /** Models beyond these, those of the fewest calls, are only counted. */
  private static final int MOST_MODELS = 20;

  private final Supplier<Settings> settings;

  /**
   * @param settings what the agent would be told
   */
  ReplayCommand(Supplier<Settings> settings) {
    this.settings = settings;
  }

  @Override
  public int run(String[] args, StandardStreams console) {
    ReplayOptions options;
    try {
      options = ReplayOptions.parse(args);
    } catch (IllegalArgumentException e) {
      console.err().println("paceline replay: " + e.getMessage());
      return USAGE;
    }
    try {
      ReplayStudy study = study(options);
      if (study.calls() == 0) {
        console
            .err()
            .println(
                "paceline replay: no calls in "
                    + (options.files.size() == 1 ? "that file" : "these files")
                    + (study.bad() > 0 ? "; lines that are none of a record: " + study.bad() : "")
                    + (study.skipped() > 0 ? "; calls of other models: " + study.skipped() : ""));
        return FAILED;
      }
      if (options.json) {
        ReplayReport.json(study, console.out());
      } else {
        ReplayReport.text(study, console.out());
      }
      if (!options.svg.isEmpty()) {
        Files.writeString(Path.of(options.svg), ReplaySvg.of(study), StandardCharsets.UTF_8);
      }
      return OK;
    } catch (NoSuchFileException e) {
      console
          .err()
          .println("paceline replay: no such file: " + Table.clean(String.valueOf(e.getMessage())));
    } catch (IOException | InvalidPathException e) {
      console.err().println("paceline replay: " + Table.clean(String.valueOf(e.getMessage())));
    } catch (OutOfMemoryError e) {
      console
          .err()
          .println(
              "paceline replay: the record does not fit into the heap; give more with -Xmx (some"
                  + " 100 bytes a call) or take parts of it");
    }
    return FAILED;
  }

  private ReplayStudy study(ReplayOptions options) throws IOException {
    RecordedLoad load = new RecordedLoad(options.models);
    RecordReader reader = new RecordReader();
    for (String file : options.files) {
      try (InputStream in = Files.newInputStream(Path.of(file))) {
        reader.read(in, load);
      }
    }
    Settings told = settings.get();
    Replayer replayer =
        new Replayer(
            options.agent,
            options.cold,
            told.policyFor("openai", "", ""),
            told.get(Keys.QUEUE_MAX));
    ReplayLimits limits = new ReplayLimits(options.perMinute, options.window, options.hidden);
    List<RecordedLoad.Model> models = load.models();
    List<ReplayStudy.OfModel> studied = new ArrayList<>();
    long calls = 0;
    long first = Long.MAX_VALUE;
    long last = 0;
    for (RecordedLoad.Model model : models) {
      Arrivals arrivals = model.arrivals();
      calls += arrivals.size();
      first = Math.min(first, arrivals.firstMillis());
      last = Math.max(last, arrivals.lastMillis());
      if (studied.size() < MOST_MODELS) {
        Optional<ReplayResult> result =
            options.perMinute.isEmpty()
                ? Optional.empty()
                : Optional.of(replayer.run(arrivals, limits));
        studied.add(
            new ReplayStudy.OfModel(
                model,
                result,
                replayer.needs(arrivals, kinds(options), limits, options.targetSeconds)));
      }
    }
    return new ReplayStudy(
        options, calls, reader.bad(), reader.dropped(), load.skipped(), first, last, studied);
  }

  /** What was given; else what most providers limit. */
  private static List<Limit> kinds(ReplayOptions options) {
    return options.perMinute.isEmpty()
        ? List.of(Limit.RPM, Limit.TPM)
        : List.copyOf(options.perMinute.keySet());
  }
}
