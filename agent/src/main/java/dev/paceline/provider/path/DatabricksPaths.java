package dev.paceline.provider.path;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code /serving-endpoints/{endpoint}/invocations} and OpenAI's tails below {@code
 * /serving-endpoints}; the workspace owns the limit.
 */
public final class DatabricksPaths implements PathGrammar {
  private static final String BASE = "/serving-endpoints";
  private static final String INVOCATIONS = "/invocations";

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    int after = BasePaths.after(BASE, path, from, end);
    if (after < 0) {
      return null;
    }
    return endpoint(path, after, end) > 0 ? Operation.GENERATION : Tails.openAi(path, after, end);
  }

  @Override
  public String model(String path, int from, int end) {
    int after = BasePaths.after(BASE, path, from, end);
    int stop = after < 0 ? -1 : endpoint(path, after, end);
    return stop < 0 ? "" : PercentCoding.decode(path.substring(after + 1, stop));
  }

  @Override
  public String owner(String host, String path, int from, int end) {
    return host.toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }

  /** Where the endpoint's name ends, when {@code /invocations} follows it; else -1. */
  private static int endpoint(String path, int after, int end) {
    int stop = end - INVOCATIONS.length();
    return stop > after + 1
            && path.startsWith(INVOCATIONS, stop)
            && path.indexOf('/', after + 1) == stop
        ? stop
        : -1;
  }
}
