/**
 * The local HTTP endpoint: {@code /metrics} for scrapers, {@code /api/state.json} for the page and
 * the command line, {@code /} for people.
 *
 * <p>Read-only. It listens on loopback; off loopback it serves metrics only. It has threads of its
 * own, few and all daemons, and sets none of the JDK server's system properties: {@code
 * sun.net.httpserver.maxReqTime} and its kin are read once for the whole JVM, so a limit of ours
 * would cut off the slow uploads of the application's own servers. Slow clients are cut off by
 * {@link dev.paceline.console.Workers} instead.
 */
@NullMarked
package dev.paceline.console;

import org.jspecify.annotations.NullMarked;
