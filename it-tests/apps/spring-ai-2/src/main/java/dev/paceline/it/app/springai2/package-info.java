/** The application of the cell {@code spring-ai-2}. */
@NullMarked
package dev.paceline.it.app.springai2;

import org.jspecify.annotations.NullMarked;
