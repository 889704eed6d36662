/** How some of our classes come to live beside an application's: they see its libraries and us. */
@NullMarked
package dev.paceline.beside;

import org.jspecify.annotations.NullMarked;
