package dev.paceline.okhttp.beside;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The last application interceptor of every client: the application's own run once a call, OkHttp's
 * follow-ups and network interceptors once an attempt.
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
    // An application can take ours out of its client's list, and put it among the network
    // interceptors of another: that one has its own, and a network interceptor must proceed once.
    if (chain.connection() != null) {
      return chain.proceed(chain.request());
    }
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
