/**
 * What lives beside the application's own Micrometer or OpenTelemetry, compiled against their
 * public API and run on the version that the application brings: Micrometer from 1.9, the
 * OpenTelemetry API from 1.32. Defined by a {@link dev.paceline.beside.BesideLoader}, once a loader
 * that has the library.
 */
@NullMarked
package dev.paceline.export.beside;

import org.jspecify.annotations.NullMarked;
