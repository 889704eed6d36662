/** Weaving of the clients' classes: exact names, ASM only, loaded when a target class appears. */
@NullMarked
package dev.paceline.weave;

import org.jspecify.annotations.NullMarked;
