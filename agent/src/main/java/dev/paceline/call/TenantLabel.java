package dev.paceline.call;

import java.util.function.ToLongFunction;

/** What a tenant is called where people see it: request data, often an address or a person's id. */
final class TenantLabel {
  private static final int LONGEST = 60;

  private TenantLabel() {}

  static String of(String tenant, boolean plain, ToLongFunction<String> keyedHash) {
    if (!plain) {
      // 32 bits tell some thousand tenants apart, and no more is said than is needed.
      return "#" + String.format("%08x", (int) keyedHash.applyAsLong("tenant " + tenant));
    }
    String name = tenant.length() <= LONGEST ? tenant : tenant.substring(0, LONGEST);
    return name.replaceAll("[^A-Za-z0-9._@:+/-]", "?");
  }
}
