/**
 * What is counted, and nothing about where it goes.
 *
 * <p>The hot path writes {@link java.util.concurrent.atomic.LongAdder}s; exporters read them when
 * somebody asks. No metrics library is touched here: Micrometer, JMX and the console are views
 * ({@code export}, {@code console}) over {@link dev.paceline.metrics.CallMetrics#meters()}.
 */
@NullMarked
package dev.paceline.metrics;

import org.jspecify.annotations.NullMarked;
