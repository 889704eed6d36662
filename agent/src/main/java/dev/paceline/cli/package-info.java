/**
 * {@code java -jar paceline-agent.jar}: one class a command. Answers go to the standard output,
 * complaints to the error output; 0 is good, 1 is bad, 2 is a command that was not understood.
 */
@NullMarked
package dev.paceline.cli;

import org.jspecify.annotations.NullMarked;
