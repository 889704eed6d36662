/**
 * The limiter of a scope: when a call may leave. Pure: time is an argument, nothing waits or locks.
 *
 * <pre>
 * ScopeLimiter ──issues──▶ Permit          released as SERVED, REJECTED or UNKNOWN, once
 *  │  asks every Constraint, takes the latest instant
 *  ├─ ConfiguredLimits ── UsageWindow       typed limits: never exceeded in any window
 *  ├─ Cooldown                              after a limit answer, once for all callers
 *  ├─ RampUpLimiter, Smoothing ── Gcra      "slow down"; spreading below a typed level
 *  ├─ SlowStart                             nothing is known yet, or after an overload
 *  ├─ AnnouncedLimits                       limits that headers show
 *  │   ├─ LimitEstimator (one a limit)
 *  │   │   ├─ LimitLevel ── LevelBounds     own + offset; surely left, and at most
 *  │   │   ├─ ArrivalOrder                 what may have overtaken what
 *  │   │   ├─ WindowModel ◁─ TokenBucket, FixedWindow, SlidingWindow ── ExternalUsage
 *  │   │   ├─ WindowInference ── BurstCapacity   which of them, how long, how large
 *  │   │   ├─ SafetyMargin, HeaderTrust
 *  │   │   └─ ObservedUsage ── UsageRate    what others take, our share
 *  │   └─ FairShare, FairShareRate          what is left to others
 *  ├─ UnannouncedRateLimit ── UnannouncedWindow  a rate that only 429s show
 *  ├─ UnannouncedLimits ── BurstLimiter     requests in flight; a shorter window
 *  └─ Rejections ── RejectionCause          what a limit answer means
 * shared: SendLog (what was sent, by time), InFlight (what is on the way)
 * </pre>
 */
@NullMarked
package dev.paceline.limit;

import org.jspecify.annotations.NullMarked;
