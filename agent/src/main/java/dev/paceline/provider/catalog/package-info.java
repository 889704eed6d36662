/**
 * The providers, one file each, and the list of them: {@link
 * dev.paceline.provider.catalog.Providers}.
 */
@NullMarked
package dev.paceline.provider.catalog;

import org.jspecify.annotations.NullMarked;
