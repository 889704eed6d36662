package dev.paceline.config;

import dev.paceline.words.Operation;
import dev.paceline.words.Priority;
import java.util.List;
import java.util.Set;

/**
 * The keys that say whose calls go first and who may use how much. Part of the table of {@link
 * Keys}.
 */
public final class ClassKeys {
  public static final Key<List<TenantSource>> TENANT =
      dynamic(
          "tenant",
          Types.TENANT,
          "",
          "Where a call's tenant is found: header:NAME, body:FIELD, baggage:KEY or mdc:KEY; of"
              + " several the first that is there. Waiting calls of different tenants then share a"
              + " limit fairly. The request header x-paceline-tenant goes before.",
          "header:X-Tenant-Id,body:metadata.user_id");
  public static final Key<TenantNames> TENANT_NAMES =
      dynamic(
          "tenant.names",
          Types.TENANT_NAMES,
          "hashed",
          "How page, state and local answers show tenants: hashed, or plain as the application"
              + " spells them.",
          "plain");
  public static final Key<Double> PRIORITY_FLOOR =
      dynamic(
          "priority.floor",
          Types.HALF,
          "0.05",
          "Least part of a limit that waiting calls of each lower priority get while more urgent"
              + " ones wait.",
          "10%");

  static final Key<String> RULE_HEADER =
      rule(
          "header.<name>",
          Types.TEXT_GLOB,
          "Matches calls with this request header; * stands for any characters.",
          "nightly*");
  static final Key<String> RULE_THREAD =
      rule(
          "thread",
          Types.TEXT_GLOB,
          "Matches calls that a thread of such a name makes; * stands for any characters.",
          "batch-*");
  static final Key<String> RULE_CALLER =
      rule(
          "caller",
          Types.GLOB,
          "Matches calls with such a class on the stack of the thread that makes them, within 200"
              + " frames; costs some microseconds a call.",
          "com.example.jobs.*");
  static final Key<Operation> RULE_OPERATION =
      rule("operation", Types.OPERATION, "Matches calls of this kind.", "embedding");
  static final Key<Boolean> RULE_STREAM =
      rule(
          "stream",
          Types.BOOL,
          "Matches calls that ask for a stream, or those that do not.",
          "true");
  static final Key<Priority> RULE_PRIORITY =
      rule(
          "priority",
          Types.PRIORITY,
          "How urgent the calls are while they wait: interactive, normal or background. The request"
              + " header x-paceline-priority goes before.",
          "background");
  static final Key<Integer> RULE_WEIGHT =
      rule(
          "weight",
          Types.number(1, 1_000),
          "Share of the limit while others of the same priority wait, as a multiple of theirs: for"
              + " the rule's calls together, with tenants for each tenant's.",
          "3");
  static final Key<Double> RULE_HEADROOM =
      rule(
          "headroom",
          Types.HEADROOM,
          "Part of every limit that background calls leave free for the others.",
          "20%");
  static final Key<Long> RULE_TENANT_RPM =
      limit("tenant.rpm", "Requests a minute of each tenant, in each scope; as rpm.", "60");
  static final Key<Long> RULE_TENANT_TPM =
      limit("tenant.tpm", "Tokens a minute of each tenant; as rpm.", "20k");
  static final Key<Long> RULE_TENANT_RPD =
      limit("tenant.rpd", "Requests a day of each tenant; as rpm.", "1k");
  static final Key<Long> RULE_TENANT_TPD =
      limit("tenant.tpd", "Tokens a day of each tenant; as rpm.", "500k");
  static final Key<Long> RULE_TENANT_CONCURRENCY =
      limit("tenant.concurrency", "Requests in flight at the same time of each tenant.", "4");

  static final List<Key<?>> TABLE = List.of(TENANT, TENANT_NAMES, PRIORITY_FLOOR);

  /** What a rule asks of one call. */
  static final List<Key<?>> SELECTORS =
      List.of(RULE_HEADER, RULE_THREAD, RULE_CALLER, RULE_OPERATION, RULE_STREAM);

  static final List<Key<?>> RULE_TABLE =
      List.of(
          RULE_HEADER,
          RULE_THREAD,
          RULE_CALLER,
          RULE_OPERATION,
          RULE_STREAM,
          RULE_PRIORITY,
          RULE_WEIGHT,
          RULE_HEADROOM,
          RULE_TENANT_RPM,
          RULE_TENANT_TPM,
          RULE_TENANT_RPD,
          RULE_TENANT_TPD,
          RULE_TENANT_CONCURRENCY);

  private ClassKeys() {}

  // Not those of Keys, whose table has these keys in it.
  private static <T> Key<T> dynamic(
      String name, Type<T> type, String byDefault, String meaning, String example) {
    return new Key<>(name, type, byDefault, meaning, true, Set.of(Source.values()), example);
  }

  private static <T> Key<T> rule(String name, Type<T> type, String meaning, String example) {
    return dynamic("rule.<id>." + name, type, "", meaning, example);
  }

  private static Key<Long> limit(String name, String meaning, String example) {
    return rule(name, Types.LIMIT, meaning, example);
  }
}
