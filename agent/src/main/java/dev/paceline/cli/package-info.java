/** The command line of the jar. */
@NullMarked
package dev.paceline.cli;

import org.jspecify.annotations.NullMarked;
