/**
 * Provider models: how a rate-limited LLM provider counts and what it says about it. One model
 * serves the demo, the integration tests (over HTTP, see {@code sim.http}) and the virtual-time
 * simulation.
 *
 * <p>Everything here is pure: time comes in as an argument, there is no clock, no random number and
 * no thread, and nothing is thread-safe. Counting is in integers: {@link dev.paceline.sim.Plan}
 * describes, {@link dev.paceline.sim.Simulated} counts, {@link dev.paceline.sim.ResponseWriter}
 * writes.
 */
@NullMarked
package dev.paceline.sim;

import org.jspecify.annotations.NullMarked;
