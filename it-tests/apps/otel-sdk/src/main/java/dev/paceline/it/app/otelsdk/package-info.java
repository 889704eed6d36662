@NullMarked
package dev.paceline.it.app.otelsdk;

import org.jspecify.annotations.NullMarked;
