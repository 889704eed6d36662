/** The application of the cell {@code okhttp}. */
@NullMarked
package dev.paceline.it.app.okhttp;

import org.jspecify.annotations.NullMarked;
