/**
 * One call: recognise, estimate, admit, send, classify, learn, retry or deliver, reconcile. Owns
 * the ports {@code Clock}, {@code Timer}, {@code CallListener} and {@code CallTracer}.
 *
 * <pre>
 * adapter ── CallExecution            the adapters' interface; fault barrier
 *              └ CallProgress         state machine: new, queued, in flight, ended
 *                  ├ CallContext      what does not change: policy, deadline, fingerprint, order
 *                  ├ CallCost         estimated tokens; counted exactly when the limiter is short
 *                  ├ AttemptCounts    attempts, limit answers, time waited → retry.RetryRules
 *                  ├ CallWaits        place in the queue, what it waits for ── Deadlines
 *                  ├ HeldPermit       the permit of the attempt; given back exactly once
 *                  ├ LastResponse     what the call ends with
 *                  ├ ResponseFeedback answers → limiter ── ResponseTaps ── Tap, BodySink
 *                  └ AttemptReporter  events, trace, ledger
 *
 * Calls ── AdmissionQueues            handles by scope, LRU of a sample
 *            └ ScopeHandle            one scope; after a join, the handle that it delegates to
 *                └ AdmissionQueue     lock, wake-ups after it
 *                    └ QueueDiscipline who leaves when ── HeadOfLine
 *                        ├ WaitingCalls tickets by arrival, by own wait, by expiry
 *                        ├ Alarm        the one timer
 *                        └ limit.ScopeLimiter  pure; grants permits
 * </pre>
 *
 * <p>Locks: one a queue, held for an admission, an answer or an alarm; never while calling out. Two
 * are only taken when scopes join, in the order joiner, joined. An uncontended admission takes one.
 */
@NullMarked
package dev.paceline.call;

import org.jspecify.annotations.NullMarked;
