/**
 * The demo's application: an ordinary program that knows nothing of Paceline and is run in a JVM of
 * its own, alone on its class path.
 */
@NullMarked
package dev.paceline.democlient;

import org.jspecify.annotations.NullMarked;
