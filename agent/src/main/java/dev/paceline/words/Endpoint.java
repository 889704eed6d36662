package dev.paceline.words;

/**
 * A recognised LLM endpoint: what a host and a path say before any header or body is read.
 *
 * @param provider provider id, one of the closed set of ids
 * @param operation what the path asks for
 * @param modelInPath the model (or deployment) that the path names; empty when it is in the body
 * @param owner owner of the limit that the URL shows (Azure resource and deployment, Vertex project
 *     and region, Bedrock region); empty when it shows none
 */
public record Endpoint(String provider, Operation operation, String modelInPath, String owner) {}
