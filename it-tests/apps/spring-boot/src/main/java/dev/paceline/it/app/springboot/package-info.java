@NullMarked
package dev.paceline.it.app.springboot;

import org.jspecify.annotations.NullMarked;
