package dev.paceline.limit;

import dev.paceline.words.Limit;

/**
 * What others who share a scope's limits are told of it.
 *
 * @param sentRequests sent so far; likewise tokens
 * @param waitingRequests in the queue; likewise tokens
 * @param inFlight sent and not ended
 * @param requests units a minute that the tightest limit on requests grants, 0 for unknown;
 *     likewise tokens
 * @param concurrency requests in flight that a person has typed; 0 for none
 * @param usedRequests part of a counted window of requests that we have used and that has not come
 *     back, from 0 to 1; likewise tokens
 * @param closedNanos for so long nothing is sent after a limit answer
 * @param closedBy the limit that was hit
 */
public record FleetNeeds(
    long sentRequests,
    long sentTokens,
    long waitingRequests,
    long waitingTokens,
    int inFlight,
    long requests,
    long tokens,
    long concurrency,
    double usedRequests,
    double usedTokens,
    long closedNanos,
    Limit closedBy) {}
