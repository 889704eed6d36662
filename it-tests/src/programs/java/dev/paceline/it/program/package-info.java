/**
 * Programs that know nothing of the agent, run without and with it and compared line by line. Each
 * brings its own server on loopback. See it-tests/README.md.
 */
package dev.paceline.it.program;
