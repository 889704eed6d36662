package dev.paceline.bootstrap;

import java.util.List;

/**
 * What the agent does for OkHttp. Object types only: OkHttp belongs to the application's loaders.
 */
public interface OkHttpHook {
  /** A call is made, whose time has not begun: for what the first call costs. */
  void newCall(Object client);

  /**
   * A call puts its chain together: the application interceptors of its client, which stay as they
   * are. Returns them with ours as the last.
   */
  List<Object> interceptors(Object client, List<Object> interceptors);

  /** A call is being enqueued; true when the agent has parked it and will enqueue it later. */
  boolean enqueue(Object dispatcher, Object asyncCall);

  /** {@code Call.cancel()} was called. */
  void cancelled(Object call);

  /**
   * The call sends nothing any more: its interceptors are done, or never ran.
   *
   * @param failure the IOException that it ends with; null for a response
   * @return the failure that the call's listener is to be told; null for none
   */
  Object ended(Object call, Object failure);

  /** {@code Dispatcher.cancelAll()} was called. */
  void cancelAll(Object dispatcher);

  /** {@code Dispatcher.queuedCalls()}: the list with the parked calls added. */
  List<Object> queuedCalls(Object dispatcher, List<Object> queued);

  /** {@code Dispatcher.queuedCallsCount()} with the parked calls added. */
  int queuedCallsCount(Object dispatcher, int count);
}
