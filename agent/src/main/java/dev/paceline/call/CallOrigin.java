package dev.paceline.call;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in the application a call comes from: taken on the thread that makes it, and only while a
 * rule or the tenant's source asks for it.
 *
 * @param thread the thread's name
 * @param callers names of the classes on its stack, the innermost first; empty when no rule asks
 * @param tenant what its logging context or baggage names; null for nothing
 */
public record CallOrigin(String thread, List<String> callers, @Nullable String tenant) {
  /** Nobody has looked. */
  public static final CallOrigin UNKNOWN = new CallOrigin("", List.of(), null);
}
