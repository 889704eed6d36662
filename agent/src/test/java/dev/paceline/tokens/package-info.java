@NullMarked
package dev.paceline.tokens;

import org.jspecify.annotations.NullMarked;
