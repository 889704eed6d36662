/**
 * The local HTTP endpoint: {@code /metrics} for scrapers, {@code /api/state.json} for the page and
 * the command line, {@code /} for people.
 *
 * <p>Read-only. It listens on loopback; off loopback it serves metrics only. It has threads of its
 * own, few and all daemons, and a server of its own: the JDK's accepts connections without a bound,
 * its limits are system properties of the whole JVM, which would cut off the application's own
 * servers, and its dispatcher ends for good when the heap is exhausted for a moment.
 */
@NullMarked
package dev.paceline.console;

import org.jspecify.annotations.NullMarked;
