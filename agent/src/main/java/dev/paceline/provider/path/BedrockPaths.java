package dev.paceline.provider.path;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * {@code /model/{modelId}/{converse,invoke,…}}; the id is percent-encoded and may be a whole ARN.
 * The region is the owner.
 */
public final class BedrockPaths implements PathGrammar {
  private static final String MODEL = "/model/";

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    if (path.startsWith(MODEL, from)) {
      int slash = path.lastIndexOf('/', end - 1);
      if (slash <= from + MODEL.length()) {
        return null;
      }
      if (is(path, slash, end, "/converse") || is(path, slash, end, "/converse-stream")) {
        return Operation.GENERATION;
      }
      if (is(path, slash, end, "/invoke") || is(path, slash, end, "/invoke-with-response-stream")) {
        return invoked(path, from, slash);
      }
      return is(path, slash, end, "/count-tokens") ? Operation.AUXILIARY : Operation.OTHER;
    }
    if (path.startsWith("/model-invocation-job", from)) {
      return Operation.BATCH;
    }
    if (path.startsWith("/async-invoke", from)) {
      return Operation.VIDEO;
    }
    if (is(path, from, end, "/rerank")) {
      return Operation.RERANK;
    }
    int base = BasePaths.after("/openai/v1", path, from, end);
    base = base >= 0 ? base : BasePaths.after("/v1", path, from, end);
    if (base >= 0) {
      return Tails.openAi(path, base, end);
    }
    base = BasePaths.after("/anthropic/v1", path, from, end);
    return base >= 0 ? Tails.anthropic(path, base, end) : null;
  }

  /** {@code /invoke} says nothing of the kind; the model's family name does. */
  private static Operation invoked(String path, int from, int slash) {
    if (within(path, from, slash, "embed")) {
      return Operation.EMBEDDING;
    }
    if (within(path, from, slash, "rerank")) {
      return Operation.RERANK;
    }
    if (within(path, from, slash, "stability.")
        || within(path, from, slash, "image")
        || within(path, from, slash, "canvas")) {
      return Operation.IMAGE;
    }
    return Operation.GENERATION;
  }

  @Override
  public String model(String path, int from, int end) {
    int slash = path.lastIndexOf('/', end - 1);
    if (!path.startsWith(MODEL, from) || slash <= from + MODEL.length()) {
      return "";
    }
    return PercentCoding.decode(path.substring(from + MODEL.length(), slash));
  }

  /**
   * {@code bedrock-runtime.{region}.amazonaws.com}, {@code bedrock-mantle.{region}.api.aws}, and
   * behind a VPC endpoint's name.
   */
  @Override
  public String owner(String host, String path, int from, int end) {
    int bedrock = host.indexOf("bedrock");
    int dot = bedrock < 0 ? -1 : host.indexOf('.', bedrock);
    int next = dot < 0 ? -1 : host.indexOf('.', dot + 1);
    return next < 0 ? "" : host.substring(dot + 1, next);
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }

  private static boolean is(String path, int start, int end, String tail) {
    return end - start == tail.length() && path.startsWith(tail, start);
  }

  private static boolean within(String path, int from, int end, String part) {
    int at = path.indexOf(part, from);
    return at >= 0 && at < end;
  }
}
