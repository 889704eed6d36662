package dev.paceline.config;

/**
 * The effective value of a key.
 *
 * @param name of the key, without prefix; for a rule's with its id
 * @param value what the agent works with
 * @param text as it was typed
 * @param source where it came from
 */
public record Setting<T>(String name, T value, String text, Source source) {}
