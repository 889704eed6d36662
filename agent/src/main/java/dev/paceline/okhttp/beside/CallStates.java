package dev.paceline.okhttp.beside;

import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * The states of the recognised calls, until OkHttp says that a call sends nothing any more: a state
 * leads to the request's headers, and the credential among them must not outlive the call. Weak all
 * the same, for an OkHttp that does not say it. Calls compare by identity.
 */
final class CallStates {
  private final ReentrantLock lock = new ReentrantLock();
  private final WeakHashMap<Call, CallState> states = new WeakHashMap<>();

  /** Read without the lock: most calls are no LLM's, and have no state. */
  private volatile boolean any;

  CallState of(Call call) {
    lock.lock();
    try {
      any = true;
      return states.computeIfAbsent(call, c -> new CallState());
    } finally {
      lock.unlock();
    }
  }

  @Nullable CallState find(Call call) {
    if (!any) {
      return null;
    }
    lock.lock();
    try {
      return states.get(call);
    } finally {
      lock.unlock();
    }
  }

  @Nullable CallState remove(Call call) {
    if (!any) {
      return null;
    }
    lock.lock();
    try {
      CallState state = states.remove(call);
      any = !states.isEmpty();
      return state;
    } finally {
      lock.unlock();
    }
  }
}
