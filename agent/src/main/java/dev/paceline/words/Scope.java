package dev.paceline.words;

/**
 * Whose limit it is: the narrowest owner that the wire shows, plus the model. One budget a scope.
 *
 * @param provider provider id, such as {@code openai}
 * @param owner who owns the limit: resource, project, organisation, a keyed hash of the credential,
 *     or the host; never a credential itself
 * @param model the model's name as sent, {@code unknown} when it could not be read; for operations
 *     with limits of their own, {@code model#operation}
 */
public record Scope(String provider, String owner, String model) {}
