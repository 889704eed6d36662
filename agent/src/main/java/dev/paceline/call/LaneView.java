package dev.paceline.call;

import dev.paceline.words.Limit;
import dev.paceline.words.Scope;

/**
 * What the console shows of a scope.
 *
 * @param gateClosedNanos how long the gate stays closed; 0 when open
 * @param waiting how many calls wait
 * @param oldestNanos how long the oldest of them has waited
 * @param limit the limit that closed the gate last
 */
public record LaneView(
    Scope scope, long gateClosedNanos, int waiting, long oldestNanos, Limit limit) {}
