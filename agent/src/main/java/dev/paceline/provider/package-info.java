/**
 * What providers do and how it is read. Pure: no clock, no I/O, no state.
 *
 * <ul>
 *   <li>{@code catalog}: the providers, one file each
 *   <li>{@code path}: request paths; {@link dev.paceline.provider.Recognizer} asks them for host
 *       and operation
 *   <li>{@code header}: rate-limit headers, durations, moments
 *   <li>{@code error}: error bodies; {@link dev.paceline.provider.Classifier} says what an answer
 *       means
 *   <li>{@code scope}: whose limit a call counts against
 * </ul>
 */
@NullMarked
package dev.paceline.provider;

import org.jspecify.annotations.NullMarked;
