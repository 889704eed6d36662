/** The one connection to Redis; loaded when {@code paceline.fleet} is set, and not before. */
@NullMarked
package dev.paceline.fleet.redis;

import org.jspecify.annotations.NullMarked;
