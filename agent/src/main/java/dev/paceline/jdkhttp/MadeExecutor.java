package dev.paceline.jdkhttp;

import java.lang.reflect.Field;
import java.net.http.HttpClient;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Finds the executor of a client that was built without one. The client makes itself a pool of
 * threads without a bound and shows it to nobody ({@code HttpClientFacade.impl}, {@code
 * HttpClientImpl.delegatingExecutor}, {@code DelegatingExecutor.delegate}; the same from 17 to 25).
 * Where a field is not found the agent's own threads serve.
 */
final class MadeExecutor {
  private static final String[] PATH = {"impl", "delegatingExecutor", "delegate"};

  /** Finds none. */
  static final MadeExecutor NONE = new MadeExecutor(false);

  private final boolean open;

  private MadeExecutor(boolean open) {
    this.open = open;
  }

  /**
   * @param open whether {@code jdk.internal.net.http} is open to us
   */
  static MadeExecutor open(boolean open) {
    return open ? new MadeExecutor(true) : NONE;
  }

  @Nullable Executor of(HttpClient client) {
    if (!open) {
      return null;
    }
    try {
      Object at = client;
      for (String name : PATH) {
        Field field = at.getClass().getDeclaredField(name);
        field.setAccessible(true);
        at = field.get(at);
      }
      return at instanceof Executor executor ? executor : null;
    } catch (ReflectiveOperationException | RuntimeException unknownJdk) {
      return null;
    }
  }
}
