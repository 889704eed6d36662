/** The application of the cell {@code langchain4j}. */
@NullMarked
package dev.paceline.it.app.langchain4j;

import org.jspecify.annotations.NullMarked;
