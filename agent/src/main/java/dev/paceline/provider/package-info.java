/** Stub until the provider room lands. */
@NullMarked
package dev.paceline.provider;

import org.jspecify.annotations.NullMarked;
