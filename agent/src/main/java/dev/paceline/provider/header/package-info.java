/** Rate-limit headers and waiting times: names, families, durations and moments. */
@NullMarked
package dev.paceline.provider.header;

import org.jspecify.annotations.NullMarked;
