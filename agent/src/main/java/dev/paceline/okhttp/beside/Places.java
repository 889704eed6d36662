package dev.paceline.okhttp.beside;

import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import okhttp3.Call;
import okhttp3.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * The places of enqueued calls in {@code maxRequests} and {@code maxRequestsPerHost}. A call that
 * waits inside its interceptor is moved to the dispatcher's synchronous calls, which are not
 * limited: so {@code runningCalls}, {@code cancelAll} and the idle callback still know it.
 *
 * <p>It takes its place back without waiting for one to be free, so the limits can be exceeded for
 * as long as the calls that were promoted meanwhile run: waiting for a place would let every new
 * call overtake the one that has waited longest. The gate lets waiting calls go one by one.
 *
 * <p>A wait still holds a thread of the dispatcher's executor. Their number is bounded, to half the
 * threads of a pool that is bounded itself; beyond it a call is not held: the only thread of a pool
 * never waits, for the calls to other hosts run on it too. Where threads have no bound, a call
 * beyond ours waits in its place, so that the dispatcher lets no more of them in.
 */
final class Places {
  /** Virtual threads, by name: the class is newer than 17, and not public. */
  static final String THREAD_PER_TASK = "java.util.concurrent.ThreadPerTaskExecutor";

  private static final int MOST_WAITING = 256;

  /** For an executor that does not say how many threads it has, or a version without internals. */
  private static final int MOST_WAITING_UNKNOWN = 16;

  /** A pool of so many threads, as OkHttp's own, is as good as unbounded. */
  private static final int UNBOUNDED = 1024;

  private final Inside inside;
  private final ConcurrentHashMap<Object, Integer> waiting = new ConcurrentHashMap<>();

  Places(Inside inside) {
    this.inside = inside;
  }

  /**
   * Gives up the call's place. Does not promote others yet.
   *
   * @return null when the call must not wait
   */
  @Nullable Place leave(Call call) {
    Internals okhttp = inside.get();
    return okhttp == null ? bounded() : leave(okhttp, call);
  }

  private @Nullable Place leave(Internals okhttp, Call call) {
    Dispatcher dispatcher = okhttp.dispatcher(call);
    int most = mostWaiting(dispatcher.executorService());
    Object found;
    // OkHttp's own monitor around its queues; nothing in here waits.
    synchronized (dispatcher) {
      found = find(okhttp, okhttp.running(dispatcher), call);
      if (found == null) {
        return Place.NONE;
      }
      if (!count(dispatcher, most)) {
        return most == MOST_WAITING ? Place.NONE : null;
      }
      okhttp.running(dispatcher).remove(found);
      okhttp.callsPerHost(found).decrementAndGet();
      okhttp.runningSync(dispatcher).add(call);
    }
    Object asyncCall = found;
    return () -> {
      synchronized (dispatcher) {
        okhttp.runningSync(dispatcher).remove(call);
        take(okhttp, dispatcher, asyncCall);
        uncount(dispatcher);
      }
    };
  }

  /**
   * Takes a place for a call that was parked.
   *
   * @param anyway whether there is one or not
   */
  static boolean take(Internals okhttp, Dispatcher dispatcher, Object asyncCall, boolean anyway) {
    share(okhttp, dispatcher, asyncCall);
    if (!anyway
        && (okhttp.running(dispatcher).size() >= dispatcher.getMaxRequests()
            || okhttp.callsPerHost(asyncCall).get() >= dispatcher.getMaxRequestsPerHost())) {
      return false;
    }
    okhttp.callsPerHost(asyncCall).incrementAndGet();
    okhttp.running(dispatcher).add(asyncCall);
    return true;
  }

  private static void take(Internals okhttp, Dispatcher dispatcher, Object asyncCall) {
    share(okhttp, dispatcher, asyncCall);
    okhttp.callsPerHost(asyncCall).incrementAndGet();
    okhttp.running(dispatcher).add(asyncCall);
  }

  /** The calls to one host share one counter. */
  private static void share(Internals okhttp, Dispatcher dispatcher, Object asyncCall) {
    String host = okhttp.host(asyncCall);
    Object other = sameHost(okhttp, okhttp.running(dispatcher), host);
    if (other == null) {
      other = sameHost(okhttp, okhttp.ready(dispatcher), host);
    }
    if (other != null) {
      // The host's calls may have begun a new count while none of them was known.
      okhttp.reuseCallsPerHost(asyncCall, other);
    }
  }

  private static @Nullable Object find(Internals okhttp, Deque<Object> calls, Call call) {
    for (Object asyncCall : calls) {
      if (okhttp.call(asyncCall) == call) {
        return asyncCall;
      }
    }
    return null;
  }

  private static @Nullable Object sameHost(Internals okhttp, Deque<Object> calls, String host) {
    for (Object asyncCall : calls) {
      if (okhttp.host(asyncCall).equals(host)) {
        return asyncCall;
      }
    }
    return null;
  }

  /** Without internals a call keeps its place; OkHttp names the threads of enqueued calls. */
  private @Nullable Place bounded() {
    if (!Thread.currentThread().getName().startsWith("OkHttp ")) {
      return Place.NONE;
    }
    return count(this, MOST_WAITING_UNKNOWN) ? () -> uncount(this) : null;
  }

  private boolean count(Object key, int most) {
    boolean[] fits = new boolean[1];
    waiting.compute(
        key,
        (k, n) -> {
          int now = n == null ? 0 : n;
          fits[0] = now < most;
          int then = fits[0] ? now + 1 : now;
          return then == 0 ? null : then;
        });
    return fits[0];
  }

  private void uncount(Object key) {
    waiting.computeIfPresent(key, (k, n) -> n <= 1 ? null : n - 1);
  }

  /** Whether the executor has a thread for everybody. */
  static boolean isUnbounded(ExecutorService executor) {
    return mostWaiting(executor) == MOST_WAITING;
  }

  static int mostWaiting(ExecutorService executor) {
    if (executor instanceof ThreadPoolExecutor pool) {
      int threads =
          pool.getQueue() instanceof SynchronousQueue
              ? pool.getMaximumPoolSize()
              : pool.getCorePoolSize();
      return threads >= UNBOUNDED ? MOST_WAITING : Math.min(MOST_WAITING - 1, threads / 2);
    }
    return executor.getClass().getName().equals(THREAD_PER_TASK)
        ? MOST_WAITING
        : MOST_WAITING_UNKNOWN;
  }
}
