package dev.paceline.simulation;

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
  PACELINE("Paceline");

  final String title;

  Strategy(String title) {
    this.title = title;
  }

  Outcome run(Scenario scenario, long seed) {
    Wire wire = new Wire(scenario, this == ORACLE ? scenario.fair() : scenario.plan(), seed);
    List<Wire.Client> clients = new ArrayList<>();
    Oracle oracle = new Oracle(wire);
    for (int jvm = 0; jvm < scenario.jvms(); jvm++) {
      clients.add(
          switch (this) {
            case ORACLE -> oracle;
            case SDK -> new Retrying(wire, 3);
            case RETRY_AFTER -> new Retrying(wire, 6);
            case TOLD -> new Paced.Told(wire);
            case AWS -> new Paced.AwsAdaptive(wire);
            case ATB -> new Paced.Atb(wire);
            case PACELINE -> new Paceline(wire, jvm, seed);
          });
    }
    wire.run(clients);
    return Outcome.of(wire);
  }
}
