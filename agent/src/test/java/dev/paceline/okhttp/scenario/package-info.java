/** Defined once beside each version of OkHttp; so only what all versions share may be used here. */
package dev.paceline.okhttp.scenario;
