/** Start-up and wiring: the only room that knows all the others. */
@NullMarked
package dev.paceline.agent;

import org.jspecify.annotations.NullMarked;
