/**
 * The adapter against real OkHttps of several versions, in this JVM: each in a loader of its own
 * whose classes are woven as the agent weaves them. Time is virtual where the agent waits.
 */
package dev.paceline.okhttp;
