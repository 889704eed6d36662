/** What the integration tests fork: the parts that need nothing but the JDK. */
@NullMarked
package dev.paceline.it.app;

import org.jspecify.annotations.NullMarked;
