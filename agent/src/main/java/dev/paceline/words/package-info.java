/** Records, enums and interfaces that the rooms exchange; no logic. */
@NullMarked
package dev.paceline.words;

import org.jspecify.annotations.NullMarked;
