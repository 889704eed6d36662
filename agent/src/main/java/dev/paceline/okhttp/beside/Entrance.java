package dev.paceline.okhttp.beside;

import dev.paceline.bootstrap.OkHttpHook;
import dev.paceline.call.FaultPoint;
import dev.paceline.okhttp.Services;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Call;
import okhttp3.Dispatcher;
import org.jspecify.annotations.Nullable;

/** Wires the adapter for the OkHttp of one loader. */
public final class Entrance implements OkHttpHook {
  private final OkHttpWaits waits = new OkHttpWaits();
  private final Desk desk;
  private final Parking parking;
  private final PacelineInterceptor interceptor;
  private final Inside inside;
  private final List<Object> alone;
  private volatile boolean ready;

  /** Called reflectively, once a loader. */
  public Entrance(Services services) {
    inside = new Inside(services);
    desk = new Desk(services, inside);
    Places places = new Places(inside);
    parking = new Parking(desk, inside, services);
    interceptor =
        new PacelineInterceptor(
            desk, new Holding(inside, places, waits, parking, services.woven()));
    alone = List.of(interceptor);
  }

  /** Sets up what the first call needs; later ones find it there. */
  @Override
  public void newCall(Object client) {
    if (!ready) {
      ready = true;
      desk.prepare();
    }
  }

  /** OkHttp copies them into the call's chain. */
  @Override
  public List<Object> interceptors(Object client, List<Object> interceptors) {
    FaultPoint.pass("bridge");
    desk.hooked();
    if (interceptors.isEmpty()) {
      return alone;
    }
    List<Object> ours = new ArrayList<>(interceptors.size() + 1);
    ours.addAll(interceptors);
    ours.add(interceptor);
    return ours;
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
  public @Nullable Object ended(Object call, @Nullable Object failure) {
    IOException broken = desk.ended((Call) call);
    desk.tell();
    return failure == null ? broken : failure;
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
