package dev.paceline.provider.path;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/{account}/{gateway}/{provider}/…} of the AI Gateway, {@code
 * /client/v4/accounts/{id}/ai/…} of Workers AI. The account owns.
 */
public final class CloudflarePaths implements PathGrammar {
  private static final String ACCOUNTS = "/client/v4/accounts/";
  private static final String RUN = "/ai/run/";
  private static final PathGrammar INNER =
      BasePaths.openAi("", "/v1", "/openai/v1")
          .anthropic("/v1")
          .own("/v2/chat", Operation.GENERATION)
          .build();
  private static final PathGrammar GOOGLE =
      new BothPaths(GooglePaths.gemini(), GooglePaths.vertex());

  private final boolean gateway;

  private CloudflarePaths(boolean gateway) {
    this.gateway = gateway;
  }

  public static CloudflarePaths gateway() {
    return new CloudflarePaths(true);
  }

  public static CloudflarePaths workers() {
    return new CloudflarePaths(false);
  }

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    if (gateway) {
      int provider = nth(path, from, end, 3);
      int rest = nth(path, from, end, 4);
      if (provider < 0 || !path.startsWith("/v1/", from)) {
        return null;
      }
      if (rest < 0) {
        return Operation.OTHER;
      }
      for (int at = rest; at >= 0 && at < end; at = path.indexOf('/', at + 1)) {
        Operation operation = INNER.operation(path, at, end);
        operation = operation != null ? operation : GOOGLE.operation(path, at, end);
        if (operation != null) {
          return operation;
        }
      }
      return Operation.OTHER;
    }
    int ai = path.startsWith(ACCOUNTS, from) ? path.indexOf("/ai/", from) : -1;
    if (ai < 0 || ai >= end) {
      return null;
    }
    if (path.startsWith(RUN, ai)) {
      return Operation.GENERATION;
    }
    int base = BasePaths.after("/ai/v1", path, ai, end);
    return base < 0 ? null : Tails.openAi(path, base, end);
  }

  @Override
  public String model(String path, int from, int end) {
    int run = gateway ? -1 : path.indexOf(RUN, from);
    return run < 0 ? "" : PercentCoding.decode(path.substring(run + RUN.length(), end));
  }

  @Override
  public String owner(String host, String path, int from, int end) {
    int start = gateway ? from + 4 : from + ACCOUNTS.length();
    int stop = gateway ? nth(path, from, end, 3) : path.indexOf('/', start);
    return stop < start ? "" : path.substring(start, stop);
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }

  /**
   * The index of the n-th slash after {@code from}, which is one itself (n = 0); -1 when there are
   * fewer.
   */
  private static int nth(String path, int from, int end, int n) {
    int at = from;
    for (int i = 0; i < n && at >= 0; i++) {
      at = path.indexOf('/', at + 1);
    }
    return at < end ? at : -1;
  }
}
