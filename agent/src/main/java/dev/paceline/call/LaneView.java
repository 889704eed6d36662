package dev.paceline.call;

import dev.paceline.limit.BudgetView;
import dev.paceline.words.Scope;

/**
 * What the console shows of a scope.
 *
 * @param waiting how many calls wait
 * @param oldestNanos how long the oldest of them has waited
 * @param budget how its limits stand
 */
public record LaneView(Scope scope, int waiting, long oldestNanos, BudgetView budget) {}
