/**
 * What the numbers mean, in a sentence for a person: am I limited, by which limit, on which model,
 * what should I do. Pure: {@link dev.paceline.diagnosis.ScopeStats} in, {@link
 * dev.paceline.diagnosis.Finding}s out.
 */
@NullMarked
package dev.paceline.diagnosis;

import org.jspecify.annotations.NullMarked;
