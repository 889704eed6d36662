/** The provider models of {@code sim} over real HTTP on the loopback interface. */
@NullMarked
package dev.paceline.sim.http;

import org.jspecify.annotations.NullMarked;
