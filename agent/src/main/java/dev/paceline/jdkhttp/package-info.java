/**
 * The adapter of the JDK's HttpClient: translates its requests and responses into our words, holds
 * no policy.
 */
@NullMarked
package dev.paceline.jdkhttp;

import org.jspecify.annotations.NullMarked;
