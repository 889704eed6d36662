package dev.paceline.cli;

import dev.paceline.replay.RecordedLoad;
import dev.paceline.replay.ReplayResult;
import dev.paceline.replay.Replayer;
import java.util.List;
import java.util.Optional;

/**
 * What {@code replay} has to say.
 *
 * @param options what was asked
 * @param calls that took part
 * @param bad lines that are none of a record
 * @param dropped calls that the agent had not written
 * @param skipped calls of models that were not asked for
 * @param firstMillis when the first call was made, since 1970
 * @param lastMillis when the last one was
 * @param models by calls, most first
 */
record ReplayStudy(
    ReplayOptions options,
    long calls,
    long bad,
    long dropped,
    long skipped,
    long firstMillis,
    long lastMillis,
    List<OfModel> models) {

  /**
   * One model's.
   *
   * @param recorded its calls and what had become of them
   * @param result under the limits given; empty when none are
   * @param needs the smallest limits that would do
   */
  record OfModel(
      RecordedLoad.Model recorded, Optional<ReplayResult> result, List<Replayer.Need> needs) {}
}
