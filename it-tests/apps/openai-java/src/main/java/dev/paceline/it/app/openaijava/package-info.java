/** The application of the cell {@code openai-java}. */
@NullMarked
package dev.paceline.it.app.openaijava;

import org.jspecify.annotations.NullMarked;
