/**
 * Error bodies: what an answer that is no success means, which limit it names, errors inside
 * streams.
 */
@NullMarked
package dev.paceline.provider.error;

import org.jspecify.annotations.NullMarked;
