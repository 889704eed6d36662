package dev.paceline.diagnosis;

import dev.paceline.words.ScopeView;
import java.util.List;

/**
 * All that a diagnosis needs to know of one scope. The counts are those of its provider and model:
 * scopes of several owners with the same model share them.
 *
 * @param scope how it stands
 * @param uses one for each announced limit
 * @param five what happened in the last 5 minutes
 * @param quarter what happened in the last 15 minutes
 * @param watchedMillis for how long the scope has been watched, an hour at most
 * @param requests attempts of this scope in the last 15 minutes
 * @param tokens tokens that they were charged
 */
public record ScopeStats(
    ScopeView scope,
    List<LimitUsage> uses,
    Counts five,
    Counts quarter,
    long watchedMillis,
    long requests,
    long tokens) {
  public ScopeStats {
    uses = List.copyOf(uses);
  }
}
