/**
 * What the user asked for: every property key in one table, five sources in order of precedence,
 * values checked once, and a file that is followed while the process runs. Nothing here throws at
 * the application: a value that cannot be used becomes one line and the default.
 *
 * <p>Read {@link dev.paceline.config.Keys} for what can be set, {@link
 * dev.paceline.config.ConfigReader} for how sources become {@link dev.paceline.config.Settings},
 * {@link dev.paceline.config.ConfigWatcher} for reloading.
 */
@NullMarked
package dev.paceline.config;

import org.jspecify.annotations.NullMarked;
