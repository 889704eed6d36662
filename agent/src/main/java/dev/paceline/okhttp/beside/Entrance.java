package dev.paceline.okhttp.beside;

import dev.paceline.bootstrap.OkHttpHook;
import dev.paceline.call.FaultPoint;
import dev.paceline.okhttp.Services;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import okhttp3.Call;
import okhttp3.Dispatcher;

/** Wires the adapter for the OkHttp of one loader. */
public final class Entrance implements OkHttpHook {
  private final OkHttpWaits waits = new OkHttpWaits();
  private final Desk desk;
  private final Parking parking;
  private final PacelineInterceptor interceptor;
  private final Inside inside;

  /** Called reflectively, once a loader. */
  public Entrance(Services services) {
    inside = new Inside(services);
    desk = new Desk(services, inside);
    Places places = new Places(inside);
    parking = new Parking(desk, inside, services);
    interceptor =
        new PacelineInterceptor(
            desk, new Holding(inside, places, waits, parking, services.woven()));
  }

  /** A copy with exactly one of ours, as the last; unmodifiable as OkHttp's own. */
  @Override
  public List<Object> interceptors(Object client, List<Object> interceptors) {
    FaultPoint.pass("bridge");
    int size = interceptors.size();
    if (size > 0
        && interceptors.get(size - 1) == interceptor
        && interceptors.indexOf(interceptor) == size - 1) {
      return interceptors;
    }
    List<Object> ours = new ArrayList<>(size + 1);
    for (int i = 0; i < size; i++) {
      Object other = interceptors.get(i);
      if (other != interceptor) {
        ours.add(other);
      }
    }
    ours.add(interceptor);
    return Collections.unmodifiableList(ours);
  }

  @Override
  public boolean enqueue(Object dispatcher, Object asyncCall) {
    FaultPoint.pass("bridge");
    return parking.enqueue((Dispatcher) dispatcher, asyncCall);
  }

  @Override
  public void cancelled(Object cancelled) {
    if (waits.isEmpty() && parking.isEmpty()) {
      return;
    }
    Internals internals = inside.get();
    Object call = internals == null ? cancelled : internals.callOf(cancelled);
    waits.cancelled(call);
    parking.cancelled(call);
  }

  @Override
  public void ended(Object call) {
    desk.ended((Call) call);
    desk.tell();
  }

  @Override
  public void cancelAll(Object dispatcher) {
    parking.cancelAll(dispatcher);
  }

  @Override
  public List<Object> queuedCalls(Object dispatcher, List<Object> queued) {
    return parking.queuedCalls(dispatcher, queued);
  }

  @Override
  public int queuedCallsCount(Object dispatcher, int count) {
    return count + parking.count(dispatcher);
  }
}
