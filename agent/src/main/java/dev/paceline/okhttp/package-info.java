/**
 * The adapter of OkHttp: translates its requests and responses into our words, holds no policy.
 *
 * <p>What speaks OkHttp's types lives in {@code beside}, compiled against 3.14.9 and using only
 * methods that 3.14.0 to 5.x share; {@code beside.BesideLoader} defines it once for each
 * application loader that has an OkHttp.
 */
@NullMarked
package dev.paceline.okhttp;

import org.jspecify.annotations.NullMarked;
