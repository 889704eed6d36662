/**
 * One line a call: its format, who fills it while a call runs, and who reads it back. Files and
 * threads are the agent's.
 */
@NullMarked
package dev.paceline.record;

import org.jspecify.annotations.NullMarked;
