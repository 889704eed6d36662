package dev.paceline.okhttp.beside;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.List;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sits at the end of one call's chain, below the application's network interceptors, and knows
 * whether anything of the attempt was sent. The failure alone does not tell: after a redirect the
 * host that cannot be reached is another one, and a body can throw a ConnectException of its own.
 */
final class Wire implements Interceptor {
  private static final String CHAIN = "okhttp3.internal.http.RealInterceptorChain";

  /** The calls' own list of interceptors in their chains; one class a loader. */
  private static volatile @Nullable Field interceptors;

  private boolean sent;

  /**
   * The wire of the chain's call; the application's other passes share it. Not in the client's own
   * list of network interceptors, for that is the application's to see and to copy.
   *
   * @return null when this version, or somebody's own chain, has no place for it
   */
  @SuppressWarnings("unchecked")
  static @Nullable Wire of(Interceptor.Chain chain) {
    try {
      if (!chain.getClass().getName().equals(CHAIN)) {
        return null;
      }
      Field field = interceptors;
      if (field == null) {
        field = chain.getClass().getDeclaredField("interceptors");
        field.setAccessible(true);
        interceptors = field;
      }
      List<Interceptor> all = (List<Interceptor>) field.get(chain);
      int last = all.size() - 1; // the one that talks to the server
      if (last > 0 && all.get(last - 1) instanceof Wire wire) {
        return wire;
      }
      Wire wire = new Wire();
      all.add(last, wire);
      return wire;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  /** A new attempt begins. */
  void begin() {
    sent = false;
  }

  /** Whether the server, or one before a redirect, may have seen something of the request. */
  boolean sent() {
    return sent;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    boolean refused = false;
    try {
      return chain.proceed(chain.request());
    } catch (IOException e) {
      refused = OkHttpNothingSent.isRefused(e);
      throw e;
    } finally {
      sent |= !refused;
    }
  }
}
