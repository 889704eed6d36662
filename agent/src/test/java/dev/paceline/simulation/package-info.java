/** The pacing rules against provider models in virtual time; makes docs/simulation.md. */
@NullMarked
package dev.paceline.simulation;

import org.jspecify.annotations.NullMarked;
