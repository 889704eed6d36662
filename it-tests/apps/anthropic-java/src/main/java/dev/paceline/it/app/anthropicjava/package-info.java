/** The application of the cell {@code anthropic-java}. */
@NullMarked
package dev.paceline.it.app.anthropicjava;

import org.jspecify.annotations.NullMarked;
