package dev.paceline.call;

import dev.paceline.words.Client;

/**
 * What every event of a call carries.
 *
 * @param client the HTTP client that the call came through
 * @param provider provider id
 * @param model the model as sent, {@code unknown} when it could not be read; request data, so
 *     untrusted
 */
public record CallInfo(Client client, String provider, String model) {}
