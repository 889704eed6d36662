/**
 * What every provider says and how: one small declarative class a provider, the shared grammars
 * they are built from, and the pure readers on top of them: {@link
 * dev.paceline.provider.Recognizer} (host and path), {@link dev.paceline.provider.ModelReader}
 * (request body), {@link dev.paceline.provider.Scopes} (whose limit), {@link
 * dev.paceline.provider.Classifier} (what an answer means) and {@link
 * dev.paceline.provider.LimitHeaders} (what the headers announce). No clock, no I/O, no state.
 */
@NullMarked
package dev.paceline.provider;

import org.jspecify.annotations.NullMarked;
