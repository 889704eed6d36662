/** When and how long to wait after an answer. Pure. */
@NullMarked
package dev.paceline.retry;

import org.jspecify.annotations.NullMarked;
