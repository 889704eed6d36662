package dev.paceline.provider.path;

import static dev.paceline.words.Operation.AUXILIARY;
import static dev.paceline.words.Operation.BATCH;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.FILES;
import static dev.paceline.words.Operation.FINE_TUNING;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.IMAGE;
import static dev.paceline.words.Operation.OTHER;
import static dev.paceline.words.Operation.REALTIME;
import static dev.paceline.words.Operation.VIDEO;

import dev.paceline.provider.error.Tails;
import dev.paceline.words.Operation;
import org.jspecify.annotations.Nullable;

/**
 * {@code /models/{model}:{method}} of the Gemini API and of Vertex AI, with what both serve beside
 * it.
 */
public final class GooglePaths implements PathGrammar {
  private static final String[] VERSIONS = {"/v1beta", "/v1beta1", "/v1", "/v1alpha"};

  private static final Tails.Tail[] GEMINI = {
    new Tails.Tail("/models", AUXILIARY, AUXILIARY),
    new Tails.Tail("/tunedModels", FINE_TUNING, FINE_TUNING),
    new Tails.Tail("/files", FILES, FILES),
    new Tails.Tail("/fileSearchStores", FILES, FILES),
    new Tails.Tail("/corpora", FILES, FILES),
    new Tails.Tail("/batches", BATCH, BATCH),
    new Tails.Tail("/cachedContents", AUXILIARY, AUXILIARY),
    new Tails.Tail("/interactions", GENERATION, AUXILIARY),
    new Tails.Tail("/operations", AUXILIARY, AUXILIARY),
  };

  private static final Tails.Tail[] VERTEX = {
    new Tails.Tail("/batchPredictionJobs", BATCH, BATCH),
    new Tails.Tail("/tuningJobs", FINE_TUNING, FINE_TUNING),
    new Tails.Tail("/cachedContents", AUXILIARY, AUXILIARY),
  };

  private final boolean vertex;

  private GooglePaths(boolean vertex) {
    this.vertex = vertex;
  }

  public static GooglePaths gemini() {
    return new GooglePaths(false);
  }

  public static GooglePaths vertex() {
    return new GooglePaths(true);
  }

  @Override
  public @Nullable Operation operation(String path, int from, int end) {
    if (!vertex && path.startsWith("/v1internal:", from)) {
      return method(path, from, from + 11, end);
    }
    int start = path.startsWith("/upload/", from) ? from + 7 : from;
    int after = -1;
    for (int i = 0; after < 0 && i < VERSIONS.length; i++) {
      after = BasePaths.after(VERSIONS[i], path, start, end);
    }
    if (after < 0) {
      return null;
    }
    int colon = colon(path, after, end);
    if (colon >= 0) {
      // Vertex: any resource that takes one of the prediction methods is a model or an endpoint
      // that serves one.
      return method(path, after, colon, end);
    }
    if (!vertex) {
      int openAi = BasePaths.after("/openai", path, after, end);
      return openAi >= 0 ? Tails.openAi(path, openAi, end) : Tails.match(GEMINI, path, after, end);
    }
    int location = afterLocation(path, after, end);
    if (location < 0) {
      return null;
    }
    int openApi = BasePaths.after("/endpoints/openapi", path, location, end);
    return openApi >= 0
        ? Tails.openAi(path, openApi, end)
        : Tails.match(VERTEX, path, location, end);
  }

  private static @Nullable Operation method(String path, int from, int colon, int end) {
    int start = colon + 1;
    if (is(path, start, end, "generateContent") || is(path, start, end, "streamGenerateContent")) {
      return GENERATION;
    }
    if (is(path, start, end, "embedContent") || is(path, start, end, "batchEmbedContents")) {
      return EMBEDDING;
    }
    if (is(path, start, end, "countTokens") || is(path, start, end, "computeTokens")) {
      return AUXILIARY;
    }
    if (is(path, start, end, "batchGenerateContent")
        || is(path, start, end, "asyncBatchEmbedContent")) {
      return BATCH;
    }
    if (is(path, start, end, "rawPredict") || is(path, start, end, "streamRawPredict")) {
      return contains(path, from, colon, "count-tokens") ? AUXILIARY : GENERATION;
    }
    if (is(path, start, end, "predict") || is(path, start, end, "predictLongRunning")) {
      if (contains(path, from, colon, "embedding")) {
        return EMBEDDING;
      }
      if (contains(path, from, colon, "/imagen")
          || contains(path, from, colon, "image-generation")) {
        return IMAGE;
      }
      return is(path, start, end, "predict") ? OTHER : VIDEO;
    }
    if (is(path, start, end, "bidiGenerateContent")) {
      return REALTIME;
    }
    if (is(path, start, end, "generateAnswer") || is(path, start, end, "generateText")) {
      return GENERATION;
    }
    return contains(path, from, colon, "/publishers/") || contains(path, from, colon, "/models/")
        ? OTHER
        : null;
  }

  @Override
  public String model(String path, int from, int end) {
    int colon = colon(path, from, end);
    if (colon < 0) {
      return "";
    }
    int slash = path.lastIndexOf('/', colon);
    if (slash < from || path.startsWith("/v1internal", slash)) {
      return "";
    }
    return PercentCoding.decode(path.substring(slash + 1, colon));
  }

  @Override
  public String owner(String host, String path, int from, int end) {
    int projects = path.indexOf("/projects/", from);
    int locations = path.indexOf("/locations/", from);
    if (!vertex || projects < 0 || locations < projects + 10 || locations + 11 > end) {
      return ""; // what stands behind the end is a query, not whose it is
    }
    int stop = path.indexOf('/', locations + 11);
    if (stop < 0 || stop > end) {
      stop = end;
    }
    return path.substring(projects + 10, locations) + "/" + path.substring(locations + 11, stop);
  }

  @Override
  public boolean namesModelOrOwner() {
    return true;
  }

  private static int afterLocation(String path, int from, int end) {
    if (!path.startsWith("/projects/", from)) {
      return -1;
    }
    int locations = path.indexOf("/locations/", from);
    int next = locations < 0 ? -1 : path.indexOf('/', locations + 11);
    return next < end ? next : -1;
  }

  /** The last colon of the last segment: model names may hold one before it, methods never do. */
  private static int colon(String path, int from, int end) {
    for (int i = end - 1; i >= from; i--) {
      char c = path.charAt(i);
      if (c == ':') {
        return i;
      }
      if (c == '/') {
        return -1;
      }
    }
    return -1;
  }

  private static boolean is(String path, int start, int end, String method) {
    return end - start == method.length() && path.startsWith(method, start);
  }

  private static boolean contains(String path, int from, int end, String part) {
    int at = path.indexOf(part, from);
    return at >= 0 && at + part.length() <= end;
  }
}
