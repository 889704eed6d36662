package dev.paceline.okhttp.beside;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Call;
import okhttp3.Dispatcher;

/**
 * What a dispatcher says of the calls that are parked: as many as a host may have at a time count
 * as running, since without the agent they would be, and the others as queued. So a dispatcher is
 * not idle while any is parked, and a program that looks at the length of the queue sees it.
 *
 * <p>{@link #add} and {@link #remove} are called under the dispatcher's monitor.
 */
final class Shown {
  private static final class Shelf {
    final LinkedHashSet<Call> queued = new LinkedHashSet<>();
    int running;
  }

  /** Only dispatchers that have parked calls. */
  private final ConcurrentHashMap<Dispatcher, Shelf> shelves = new ConcurrentHashMap<>();

  void add(Internals okhttp, Dispatcher dispatcher, Call call) {
    Shelf shelf = shelves.computeIfAbsent(dispatcher, d -> new Shelf());
    if (shelf.running < dispatcher.getMaxRequestsPerHost()) {
      okhttp.runningSync(dispatcher).add(call);
      shelf.running++;
    } else {
      shelf.queued.add(call);
    }
  }

  /** Whether the next call that is parked counts as running. */
  boolean runsNext(Dispatcher dispatcher) {
    synchronized (dispatcher) {
      Shelf shelf = shelves.get(dispatcher);
      return shelf == null || shelf.running < dispatcher.getMaxRequestsPerHost();
    }
  }

  void remove(Internals okhttp, Dispatcher dispatcher, Call call) {
    Shelf shelf = shelves.get(dispatcher);
    if (shelf == null || shelf.queued.remove(call)) {
      return;
    }
    okhttp.runningSync(dispatcher).remove(call);
    shelf.running--;
    Iterator<Call> next = shelf.queued.iterator();
    if (next.hasNext()) {
      okhttp.runningSync(dispatcher).add(next.next());
      shelf.running++;
      next.remove();
    }
    if (shelf.running == 0) {
      shelves.remove(dispatcher);
    }
  }

  /** Those of which the dispatcher itself does not know. */
  List<Call> queued(Object dispatcher) {
    if (shelves.isEmpty()) {
      return List.of();
    }
    synchronized (dispatcher) {
      Shelf shelf = shelves.get(dispatcher);
      return shelf == null ? List.of() : new ArrayList<>(shelf.queued);
    }
  }

  boolean isEmpty() {
    return shelves.isEmpty();
  }
}
