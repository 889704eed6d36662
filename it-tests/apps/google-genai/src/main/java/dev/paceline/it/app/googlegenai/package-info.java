/** The application of the cell {@code google-genai}. */
@NullMarked
package dev.paceline.it.app.googlegenai;

import org.jspecify.annotations.NullMarked;
