package dev.paceline.provider.path;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Paths that are a base ({@code /v1}, {@code /openai/v1}, or nothing) followed by a tail of
 * OpenAI's or Anthropic's kind, or by one of the provider's own.
 */
public final class BasePaths implements PathGrammar {
  private final String[] openAiBases;
  private final String[] anthropicBases;
  private final Tails.Tail[] own;
  private final String[] openBases;

  private BasePaths(
      List<String> openAi, List<String> anthropic, List<Tails.Tail> own, List<String> open) {
    this.openAiBases = openAi.toArray(String[]::new);
    this.anthropicBases = anthropic.toArray(String[]::new);
    this.own = own.toArray(Tails.Tail[]::new);
    this.openBases = open.toArray(String[]::new);
  }

  public static Builder openAi(String... bases) {
    return new Builder().openAi(bases);
  }

  public static Builder anthropic(String... bases) {
    return new Builder().anthropic(bases);
  }

  public static Builder own(String text, Operation operation) {
    return new Builder().own(text, operation);
  }

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    Operation operation = Tails.match(own, path, from, end);
    for (int i = 0; operation == null && i < openAiBases.length; i++) {
      int after = after(openAiBases[i], path, from, end);
      operation = after < 0 ? null : Tails.openAi(path, after, end);
    }
    for (int i = 0; operation == null && i < anthropicBases.length; i++) {
      int after = after(anthropicBases[i], path, from, end);
      operation = after < 0 ? null : Tails.anthropic(path, after, end);
    }
    for (int i = 0; operation == null && i < openBases.length; i++) {
      operation = after(openBases[i], path, from, end) < 0 ? null : Operation.OTHER;
    }
    return operation;
  }

  /**
   * The index just after the base, which must be followed by a slash; -1 when the path has another
   * base.
   */
  static int after(String base, String path, int from, int end) {
    int after = from + base.length();
    return after < end
            && path.charAt(after) == '/'
            && path.regionMatches(from, base, 0, base.length())
        ? after
        : -1;
  }

  /** Collects bases and tails. */
  public static final class Builder {
    private final List<String> openAi = new ArrayList<>();
    private final List<String> anthropic = new ArrayList<>();
    private final List<Tails.Tail> own = new ArrayList<>();
    private final List<String> open = new ArrayList<>();

    public Builder openAi(String... bases) {
      openAi.addAll(List.of(bases));
      return this;
    }

    public Builder anthropic(String... bases) {
      anthropic.addAll(List.of(bases));
      return this;
    }

    public Builder own(String text, Operation operation) {
      own.add(new Tails.Tail(text, operation, null));
      return this;
    }

    public Builder ownAndBelow(String text, Operation operation) {
      own.add(new Tails.Tail(text, operation, operation));
      return this;
    }

    /**
     * Every other path below the base is the provider's too: {@link Operation#OTHER}. Only for
     * hosts that serve nothing else.
     */
    public Builder othersBelow(String base) {
      open.add(base);
      return this;
    }

    public BasePaths build() {
      return new BasePaths(openAi, anthropic, own, open);
    }
  }
}
