package dev.paceline.provider.scope;

import dev.paceline.provider.Provider;
import dev.paceline.provider.catalog.Providers;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Headers;
import dev.paceline.words.Operation;
import dev.paceline.words.Scope;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whose limit a request draws on: the narrowest owner that the wire shows. In this order: the owner
 * in the URL, the organisation or project header of the request, the credential (as a keyed hash,
 * never as itself), the host.
 */
public final class Scopes {
  private static final List<String> CREDENTIALS =
      List.of("authorization", "api-key", "x-api-key", "x-goog-api-key");
  private static final int MAX_OWNER = 200;

  private Scopes() {}

  /**
   * The scope of a request.
   *
   * @param host host name as the client has it
   * @param requestHeaders headers of the request; read only when the URL names no owner
   * @param model the model as read from path or body
   * @param keyedHash a hash under a key that does not leave the process; given the credential
   */
  public static Scope scope(
      Endpoint endpoint,
      String host,
      Headers requestHeaders,
      String model,
      ToLongFunction<String> keyedHash) {
    Provider provider = Providers.find(endpoint.provider());
    String owner = inUrl(endpoint, model);
    if (owner.isEmpty()) {
      String declared =
          joined(provider == null ? List.of() : provider.requestOwnerHeaders(), requestHeaders);
      owner = declared == null ? "" : declared;
    }
    if (owner.isEmpty()) {
      owner = credential(provider, requestHeaders, keyedHash);
    }
    if (owner.isEmpty()) {
      owner = host.toLowerCase(Locale.ROOT);
    }
    return new Scope(endpoint.provider(), owner, limited(endpoint.operation(), model));
  }

  /** The organisation that an answer says it served; null when it names none. */
  public static @Nullable String organisation(String provider, Headers answerHeaders) {
    Provider known = Providers.find(provider);
    return known == null ? null : joined(known.answerOwnerHeaders(), answerHeaders);
  }

  /** Whether {@link #organisation} is this one; builds no text to compare. */
  public static boolean isOrganisation(
      String organisation, String provider, Headers answerHeaders) {
    Provider known = Providers.find(provider);
    int at = 0;
    for (String name : known == null ? List.<String>of() : known.answerOwnerHeaders()) {
      String value = answerHeaders.first(name);
      if (value == null || value.isBlank()) {
        continue;
      }
      if (at > 0 && !organisation.startsWith("/", at++)) {
        return false;
      }
      String part = value.trim();
      if (!organisation.startsWith(part, at)) {
        return false;
      }
      at += part.length();
    }
    return at > 0 && at == organisation.length();
  }

  /**
   * Who sends a request, as far as its headers tell: a keyed hash of every credential and cookie in
   * it, short-lived ones too; 0 when it has none. Of an AWS signature, which differs each time, the
   * key's id.
   */
  public static long credentials(
      String provider, Headers requestHeaders, ToLongFunction<String> keyedHash) {
    Provider known = Providers.find(provider);
    String cookie = requestHeaders.first("cookie");
    long all = cookie == null ? 0 : keyedHash.applyAsLong(cookie);
    for (String name : known == null ? CREDENTIALS : known.credentialHeaders()) {
      String value = requestHeaders.first(name);
      if (value != null && !value.isBlank()) {
        all = all * 31 + keyedHash.applyAsLong(signer(value.trim()));
      }
    }
    return all;
  }

  private static String signer(String credential) {
    int from = credential.startsWith("AWS4-") ? credential.indexOf("Credential=") : -1;
    int to = from < 0 ? -1 : credential.indexOf('/', from);
    return to < 0 ? credential : credential.substring(from, to);
  }

  /**
   * Azure names the deployment in the path or in the body: both are the same deployment, so both
   * give the same owner.
   */
  private static String inUrl(Endpoint endpoint, String model) {
    String owner = endpoint.owner();
    boolean resourceOnly =
        endpoint.provider().equals("azure-openai") && !owner.isEmpty() && owner.indexOf('/') < 0;
    return resourceOnly && !model.equals(BodyFacts.UNKNOWN_MODEL) ? owner + "/" + model : owner;
  }

  /** Operations with limits of their own never share a budget with the model's generation. */
  private static String limited(Operation operation, String model) {
    return operation.sharesGenerationLimits()
        ? model
        : model + "#" + operation.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable String joined(List<String> names, Headers headers) {
    String joined = null;
    for (String name : names) {
      String value = headers.first(name);
      if (value != null && !value.isBlank()) {
        joined = joined == null ? value.trim() : joined + "/" + value.trim();
      }
    }
    return joined == null || joined.length() <= MAX_OWNER ? joined : joined.substring(0, MAX_OWNER);
  }

  private static String credential(
      @Nullable Provider provider, Headers headers, ToLongFunction<String> keyedHash) {
    for (String name : provider == null ? CREDENTIALS : provider.credentialHeaders()) {
      String value = headers.first(name);
      if (value == null || value.isBlank()) {
        continue;
      }
      String credential = value.trim();
      if (credential.regionMatches(true, 0, "bearer ", 0, 7)) {
        credential = credential.substring(7).trim();
      }
      if (!isShortLived(credential)) {
        return "key:" + Long.toHexString(keyedHash.applyAsLong(credential));
      }
    }
    return "";
  }

  /**
   * A token that is renewed every hour would make a new budget every hour: signed AWS requests,
   * JSON web tokens, Google's and Anthropic's OAuth access tokens.
   */
  private static boolean isShortLived(String credential) {
    return credential.startsWith("AWS4-")
        || credential.startsWith("eyJ")
        || credential.startsWith("ya29.")
        || credential.startsWith("sk-ant-oat");
  }
}
