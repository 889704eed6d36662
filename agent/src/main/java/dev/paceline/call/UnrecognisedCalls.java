package dev.paceline.call;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says that a call which looks like one to an LLM is not recognised, once a host: a first trial is
 * against a server on 127.0.0.1, and without {@code paceline.hosts} nothing would happen, silently.
 *
 * <p>It is asked for each request that is none of ours, so it looks at a few POSTs of each of a
 * bounded number of hosts and then no more.
 */
public final class UnrecognisedCalls {
  /** Says nothing. */
  static final UnrecognisedCalls NONE = new UnrecognisedCalls(false, line -> {}, line -> {});

  private static final int MAX_HOSTS = 200;

  /** An application may read its settings from the same host before its first LLM call. */
  private static final int LOOKS_PER_HOST = 64;

  private static final int TOLD = Integer.MAX_VALUE;

  /** End of a path, and whose API has it. Only what hardly any other API uses. */
  private static final Map<String, String> LLM_PATHS =
      Map.of(
          "/chat/completions", "openai",
          "/v1/completions", "openai",
          "/v1/responses", "openai",
          "/v1/embeddings", "openai",
          "/v1/messages", "anthropic",
          ":generateContent", "gemini",
          ":streamGenerateContent", "gemini",
          "/api/chat", "ollama");

  /** Anything else in a path may be a token: a webhook's address is as good as a password. */
  private static final Pattern PLAIN = Pattern.compile("[a-z][a-z_-]{0,19}|v\\d{1,2}[a-z\\d]{0,6}");

  private final boolean debug;
  private final Consumer<String> debugLine;
  private final Consumer<String> warning;
  private final Map<String, AtomicInteger> looks = new ConcurrentHashMap<>();

  /**
   * @param debug whether every host that is not recognised is named, once
   * @param debugLine takes such a line
   * @param warning takes the line about a host with a call that looks like one to an LLM
   */
  public UnrecognisedCalls(boolean debug, Consumer<String> debugLine, Consumer<String> warning) {
    this.debug = debug;
    this.debugLine = debugLine;
    this.warning = warning;
  }

  /**
   * Whether it is worth while to ask {@link #seen}: the cheap question, which allocates nothing
   * once a host has been looked at often enough.
   */
  public boolean wants(String method, @Nullable String host) {
    boolean post = method.equals("POST");
    if (host == null || !(debug || post)) {
      return false;
    }
    AtomicInteger looked = looks.get(host);
    return looked == null ? looks.size() < MAX_HOSTS : post && looked.get() < LOOKS_PER_HOST;
  }

  /**
   * A request that is not recognised.
   *
   * @param port the effective port
   * @param path the raw path, without query
   * @param contentType of the body; asked only where the path is an LLM's
   */
  public void seen(
      String method,
      String host,
      int port,
      @Nullable String path,
      Supplier<@Nullable String> contentType) {
    String provider = method.equals("POST") ? provider(path) : null;
    if (provider != null && !isJson(contentType.get())) {
      provider = null;
    }
    AtomicInteger looked = looks.computeIfAbsent(host, key -> new AtomicInteger());
    if (provider == null && !debug) {
      looked.incrementAndGet();
      return;
    }
    int before =
        provider != null ? looked.getAndSet(TOLD) : looked.getAndUpdate(UnrecognisedCalls::oneMore);
    if (before == TOLD || (provider == null && before > 0)) {
      return;
    }
    String place = port == 443 || port == 80 ? host : host + ":" + port;
    String line = "seen, not recognised: " + place + shown(path) + "; name it in paceline.hosts";
    if (provider == null) {
      debugLine.accept(line + " if it is a provider's");
    } else {
      warning.accept(line + ": " + place + "=" + provider);
    }
  }

  private static int oneMore(int looks) {
    return looks == TOLD ? TOLD : looks + 1;
  }

  private static @Nullable String provider(@Nullable String path) {
    if (path != null) {
      for (Map.Entry<String, String> known : LLM_PATHS.entrySet()) {
        if (path.endsWith(known.getKey())) {
          return known.getValue();
        }
      }
    }
    return null;
  }

  private static boolean isJson(@Nullable String contentType) {
    return contentType != null && contentType.toLowerCase(Locale.ROOT).contains("json");
  }

  private static String shown(@Nullable String path) {
    StringBuilder shown = new StringBuilder();
    for (String segment : (path == null ? "" : path).split("/", 10)) {
      boolean verb = segment.indexOf(':') > 0 && provider("/" + segment) != null;
      if (verb) {
        shown.append("/…").append(segment.substring(segment.lastIndexOf(':')));
      } else if (!segment.isEmpty()) {
        shown.append('/').append(PLAIN.matcher(segment).matches() ? segment : "…");
      }
    }
    return shown.toString();
  }
}
