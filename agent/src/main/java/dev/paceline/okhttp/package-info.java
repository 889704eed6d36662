/** The adapter of OkHttp: translates its requests and responses into our words, holds no policy. */
@NullMarked
package dev.paceline.okhttp;

import org.jspecify.annotations.NullMarked;
