@NullMarked
package dev.paceline.limit;

import org.jspecify.annotations.NullMarked;
