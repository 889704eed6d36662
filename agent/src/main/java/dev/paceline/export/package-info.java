/**
 * Where the numbers go: one class for each way out. Views over {@code metrics}, built when first
 * asked, never on an application's thread.
 */
@NullMarked
package dev.paceline.export;

import org.jspecify.annotations.NullMarked;
