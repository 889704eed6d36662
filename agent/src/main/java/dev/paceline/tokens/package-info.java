/**
 * What a request costs in tokens before it is sent, and what its answer says that it did cost.
 * Pure: no prompt and no answer is kept.
 */
@NullMarked
package dev.paceline.tokens;

import org.jspecify.annotations.NullMarked;
