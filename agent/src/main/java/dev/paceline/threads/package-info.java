/** The agent's own threads and pools. Nothing of the application is reachable from them. */
@NullMarked
package dev.paceline.threads;

import org.jspecify.annotations.NullMarked;
