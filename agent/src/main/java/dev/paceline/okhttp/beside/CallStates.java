package dev.paceline.okhttp.beside;

import dev.paceline.call.Outgoing;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;

/**
 * The states of the recognised calls, for as long as the calls live: nothing tells when an
 * interceptor will not proceed again. Calls compare by identity.
 */
final class CallStates {
  private final ReentrantLock lock = new ReentrantLock();
  private final WeakHashMap<Call, CallState> states = new WeakHashMap<>();

  /** The call's state; its deadline counts from the first time that it is asked for. */
  CallState of(Call call, long now) {
    lock.lock();
    try {
      CallState state = states.get(call);
      if (state == null) {
        long timeout = call.timeout().timeoutNanos();
        state = new CallState(timeout == 0 ? Outgoing.NO_DEADLINE : now + timeout);
        states.put(call, state);
      }
      return state;
    } finally {
      lock.unlock();
    }
  }
}
