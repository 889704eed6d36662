package dev.paceline.agent;

import dev.paceline.call.CallOrigin;
import dev.paceline.config.Settings;
import dev.paceline.config.TenantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks where in the application a call comes from, as far as the configuration asks for it. */
final class CallOrigins {
  /** A stack is deep where frameworks stand on each other. */
  private static final int DEEPEST = 200;

  private static final StackWalker STACK = StackWalker.getInstance();

  private CallOrigins() {}

  /** Of a call that this thread makes; null while nobody asks. */
  static @Nullable CallOrigin here(Settings settings) {
    boolean callers = settings.looksAtCallers();
    String tenant = null;
    boolean ofThread = false;
    for (TenantSource source : settings.tenantSources()) {
      if (source.ofThread()) {
        ofThread = true;
        tenant = tenant == null ? ThreadTenant.read(source) : tenant;
      }
    }
    return callers || ofThread || settings.looksAtThreads()
        ? new CallOrigin(Thread.currentThread().getName(), callers ? classes() : List.of(), tenant)
        : null;
  }

  private static List<String> classes() {
    return STACK.walk(
        frames ->
            frames
                .map(StackWalker.StackFrame::getClassName)
                .filter(name -> !name.startsWith("dev.paceline."))
                .distinct()
                .limit(DEEPEST)
                .toList());
  }
}
