package dev.paceline.weave;

import java.util.List;
import java.util.Set;

/**
 * What is woven into OkHttp 3.14, 4.x and 5.x; names differ where Kotlin mangles internal methods.
 */
final class OkHttpTargets {
  /** A call's timeout begins when it is executed, or run: what the first one costs comes before. */
  static final List<Insertion> CLIENT =
      List.of(new SignalAtEntry("newCall", "(Lokhttp3/Request;)", "okHttpNewCall"));

  static final List<Insertion> DISPATCHER =
      List.of(
          new SkipAtEntry(Set.of("enqueue", "enqueue$okhttp"), "okHttpEnqueue"),
          new SignalAtEntry("cancelAll", "okHttpCancelAll"),
          new ReturnThrough("queuedCalls", "okHttpQueuedCalls"),
          new ReturnThrough("queuedCallsCount", "okHttpQueuedCallsCount"));

  /** Where a call puts its chain together: the client's own list stays the application's. */
  static final List<Insertion> REAL_CALL =
      List.of(
          new CalleeThrough(
              Set.of("getResponseWithInterceptorChain", "getResponseWithInterceptorChain$okhttp"),
              "interceptors",
              "okhttp3/OkHttpClient",
              "Ljava/util/List;",
              "okHttpInterceptors"),
          new SignalAtExit("cancel", "okHttpCancelled"),
          new FailureAtEntry("noMoreExchanges$okhttp", "okHttpEnded", ""));

  /**
   * 3.14 up to 4.3: the call's timeout cancels here, past {@code RealCall.cancel}, which also ends
   * here.
   */
  static final List<Insertion> TRANSMITTER =
      List.of(
          new SignalAtExit("cancel", "okHttpCancelled"),
          new FailureAtEntry("noMoreExchanges", "okHttpEnded", "call"));

  private OkHttpTargets() {}
}
