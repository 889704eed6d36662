package dev.paceline.okhttp.beside;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The last application interceptor of every call: the application's own run once a call, OkHttp's
 * follow-ups and network interceptors once an attempt. The application never sees it: it is put
 * into the call's chain, not into the client's list.
 */
public final class PacelineInterceptor implements Interceptor {
  private final Desk desk;
  private final Holding holding;

  PacelineInterceptor(Desk desk, Holding holding) {
    this.desk = desk;
    this.holding = holding;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Leg leg = begin(chain);
    return leg == null ? chain.proceed(chain.request()) : leg.run();
  }

  private @Nullable Leg begin(Chain chain) {
    try {
      return desk.begin(chain, holding);
    } catch (Throwable t) {
      desk.fault(t);
      return null;
    }
  }
}
