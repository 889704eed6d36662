/** The application of the cell {@code spring-ai-1}. */
@NullMarked
package dev.paceline.it.app.springai1;

import org.jspecify.annotations.NullMarked;
