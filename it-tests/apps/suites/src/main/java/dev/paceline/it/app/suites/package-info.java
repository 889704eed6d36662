/** Test suites that clients publish, run in a JVM of their own without the agent and with it. */
@NullMarked
package dev.paceline.it.app.suites;

import org.jspecify.annotations.NullMarked;
