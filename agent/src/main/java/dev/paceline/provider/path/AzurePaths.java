package dev.paceline.provider.path;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code /openai/deployments/{deployment}/…} (the deployment is the model), {@code /openai/v1/…}
 * and {@code /models/…} (the deployment is in the body). The resource in the host, with the
 * deployment, owns the limit.
 */
public final class AzurePaths implements PathGrammar {
  private static final String DEPLOYMENTS = "/openai/deployments/";

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    if (path.startsWith(DEPLOYMENTS, from)) {
      int slash = path.indexOf('/', from + DEPLOYMENTS.length());
      if (slash < 0 || slash >= end) {
        return Operation.AUXILIARY;
      }
      Operation operation = Tails.openAi(path, slash, end);
      return operation == null ? Operation.OTHER : operation;
    }
    int base = BasePaths.after("/openai/v1", path, from, end);
    base = base >= 0 ? base : BasePaths.after("/openai", path, from, end);
    base = base >= 0 ? base : BasePaths.after("/models", path, from, end);
    if (base >= 0) {
      Operation operation = Tails.openAi(path, base, end);
      return operation == null && path.startsWith("/openai/", from) ? Operation.OTHER : operation;
    }
    base = BasePaths.after("/anthropic/v1", path, from, end);
    return base >= 0 ? Tails.anthropic(path, base, end) : null;
  }

  @Override
  public String model(String path, int from, int end) {
    if (!path.startsWith(DEPLOYMENTS, from)) {
      return "";
    }
    int start = from + DEPLOYMENTS.length();
    int slash = path.indexOf('/', start);
    return PercentCoding.decode(path.substring(start, slash < 0 || slash > end ? end : slash));
  }

  @Override
  public String owner(String host, String path, int from, int end) {
    int dot = host.indexOf('.');
    String resource = (dot < 0 ? host : host.substring(0, dot)).toLowerCase(Locale.ROOT);
    String deployment = model(path, from, end);
    return deployment.isEmpty() ? resource : resource + "/" + deployment;
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }
}
