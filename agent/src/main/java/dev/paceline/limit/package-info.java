/** Budgets: the gate of a scope. Pure: time is an argument. */
@NullMarked
package dev.paceline.limit;

import org.jspecify.annotations.NullMarked;
