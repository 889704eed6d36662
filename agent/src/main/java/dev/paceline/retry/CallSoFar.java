package dev.paceline.retry;

/**
 * What a call has gone through, the answer under judgement included.
 *
 * @param attempts HTTP requests on the wire, the client's own follow-ups included; at least 1
 * @param limited how many of them were answered by a limit
 * @param perhaps how many failed in a way that was perhaps processed, or could not be sent
 * @param sinceFirstLimitedNanos time since the first limit answer; 0 for the first
 * @param waitedNanos all waits so far
 * @param replayable whether the body can be sent again
 * @param repeatable whether a request that was perhaps processed may be repeated (rule 5 of the
 *     design)
 */
public record CallSoFar(
    int attempts,
    int limited,
    int perhaps,
    long sinceFirstLimitedNanos,
    long waitedNanos,
    boolean replayable,
    boolean repeatable) {}
