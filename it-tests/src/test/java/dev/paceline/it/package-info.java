/**
 * Knows the jar only: JVMs with the agent, real SDKs, what the server saw and what the application
 * got. {@link dev.paceline.it.AgentJvm} is where to begin to read.
 */
package dev.paceline.it;
