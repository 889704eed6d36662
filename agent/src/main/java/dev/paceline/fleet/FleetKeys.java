package dev.paceline.fleet;

import dev.paceline.limit.SharedScope;
import dev.paceline.words.Scope;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names that are the same in every process of a fleet and tell nobody what they were made of: HKDF
 * with SHA-256 (RFC 5869), its salt the fleet's name. Credentials are random enough that nobody can
 * try them all.
 */
public final class FleetKeys implements ToLongFunction<String> {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MOST_REMEMBERED = 10_000;
  private static final int BYTES_OF_NAME = 16;

  private final String name;
  private final ToLongFunction<String> quick;
  private final byte[] salt;

  /** By a quick hash of the credential, which is not kept itself. */
  private final ConcurrentHashMap<Long, Long> known = new ConcurrentHashMap<>();

  /**
   * @param name the fleet's
   * @param quick a hash under a key that does not leave the process
   */
  public FleetKeys(String name, ToLongFunction<String> quick) {
    this.name = name;
    this.quick = quick;
    this.salt = ("paceline fleet 1 " + name).getBytes(StandardCharsets.UTF_8);
    derived("warm", "up"); // the first use of a security provider takes tens of milliseconds
  }

  /** The hash of a credential. */
  @Override
  public long applyAsLong(String credential) {
    long hash = quick.applyAsLong(credential);
    Long found = known.get(hash);
    if (found != null) {
      return found;
    }
    byte[] bytes = derived(credential, "credential");
    long derived = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      derived = derived << 8 | (bytes[i] & 0xff);
    }
    if (known.size() < MOST_REMEMBERED) {
      known.put(hash, derived);
    }
    return derived;
  }

  /** The key of a scope's table. All have one hash tag: one node of a cluster holds them. */
  String table(Scope scope, String organisation) {
    String owner = organisation.isEmpty() ? scope.owner() : "organisation " + organisation;
    byte[] bytes = derived(owner, scope.provider() + '\n' + scope.model());
    StringBuilder hex = new StringBuilder("paceline:1:{" + name + "}:");
    for (int i = 0; i < BYTES_OF_NAME; i++) {
      hex.append(Character.forDigit(bytes[i] >> 4 & 0xf, 16));
      hex.append(Character.forDigit(bytes[i] & 0xf, 16));
    }
    return hex.toString();
  }

  private byte[] derived(String secret, String info) {
    byte[] key = hmac(salt, secret.getBytes(StandardCharsets.UTF_8));
    return hmac(key, (info + '\u0001').getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The key of a scope's table, as long as the scope is what it is now. */
  public String table(SharedScope scope) {
    return table(scope.scope(), scope.organisation());
  }
}
