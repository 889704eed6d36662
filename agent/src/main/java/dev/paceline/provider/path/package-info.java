/** Grammars of request paths: which operation a path means, and where it names the model. */
@NullMarked
package dev.paceline.provider.path;

import org.jspecify.annotations.NullMarked;
