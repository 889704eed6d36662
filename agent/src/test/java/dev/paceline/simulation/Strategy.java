package dev.paceline.simulation;

import dev.paceline.config.Bounds;
import java.util.ArrayList;
import java.util.List;

/** Who sends the calls. */
enum Strategy {
  ORACLE("oracle"),
  SDK("SDK retries ×3"),
  RETRY_AFTER("Retry-After ×6"),
  TOLD("bucket told the limit"),
  AWS("AWS adaptive"),
  ATB("ATB"),
  /** Told the limit; sets aside the largest output that requests ask for. Token limits only. */
  MAX_TOKENS("reserves max_tokens"),
  /** Told the limit; learns what a call did cost with its answer. Token limits only. */
  AFTERWARDS("reserves nothing"),
  PACELINE("Paceline"),
  /** Told what the bucket is told, as typed limits. */
  PACELINE_TOLD("Paceline, told too");

  final String title;

  Strategy(String title) {
    this.title = title;
  }

  boolean runs(Scenario scenario) {
    return switch (this) {
      case MAX_TOKENS, AFTERWARDS -> scenario.tokens();
      case PACELINE_TOLD -> !scenario.announced();
      default -> true;
    };
  }

  Outcome run(Scenario scenario, long seed) {
    Wire wire = new Wire(scenario, this == ORACLE ? scenario.fair() : scenario.plan(), seed);
    List<Wire.Client> clients = new ArrayList<>();
    Oracle oracle = new Oracle(wire);
    for (int jvm = 0; jvm < scenario.clients(); jvm++) {
      clients.add(
          switch (this) {
            case ORACLE -> oracle;
            case SDK -> new Retrying(wire, 3);
            case RETRY_AFTER -> new Retrying(wire, 6);
            case TOLD -> new Paced.Told(wire);
            case AWS -> new Paced.AwsAdaptive(wire);
            case ATB -> new Paced.Atb(wire);
            case MAX_TOKENS -> new Paced.MaxTokens(wire);
            case AFTERWARDS -> new Paced.Afterwards(wire);
            case PACELINE -> new Paceline(wire, jvm, seed, Bounds.NONE);
            case PACELINE_TOLD -> new Paceline(wire, jvm, seed, scenario.typed());
          });
    }
    wire.run(clients);
    return Outcome.of(wire);
  }
}
