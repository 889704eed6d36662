package dev.paceline.call;

import dev.paceline.limit.LimiterView;
import dev.paceline.words.Scope;
import dev.paceline.words.WaitingShare;
import java.util.List;

/**
 * What the console shows of a scope.
 *
 * @param waiting how many calls wait
 * @param oldestNanos how long the oldest of them has waited
 * @param predictedNanos how long a call that came now would wait; about
 * @param callerDeadlineNanos the age at which callers cancel their calls; 0 when none is known
 * @param budget how its limits stand
 * @param priorities waiting calls by priority; empty while order of arrival holds
 * @param tenants those with most calls waiting; likewise
 */
public record QueueView(
    Scope scope,
    int waiting,
    long oldestNanos,
    long predictedNanos,
    long callerDeadlineNanos,
    LimiterView budget,
    List<WaitingShare> priorities,
    List<WaitingShare> tenants) {}
