package dev.paceline.okhttp.beside;

import dev.paceline.call.Ticket;
import java.io.Closeable;
import java.util.function.Predicate;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Holds a call inside its interceptor: what {@link Pass} needs of its surroundings. */
final class Holding {
  private final Inside inside;
  private final Places places;
  private final OkHttpWaits waits;
  private final Parking parking;
  private final Predicate<String> woven;

  Holding(
      Inside inside, Places places, OkHttpWaits waits, Parking parking, Predicate<String> woven) {
    this.inside = inside;
    this.places = places;
    this.waits = waits;
    this.parking = parking;
    this.woven = woven;
  }

  /** Gives up the call's place to others; null when the call must not wait. */
  @Nullable Place leave(Call call) {
    Place place = places.leave(call);
    Internals internals = inside.get();
    if (place != Place.NONE && internals != null) {
      Dispatcher dispatcher = internals.dispatcher(call);
      try {
        // First those who would only come in here to wait, too.
        try {
          parking.takeFromQueue(dispatcher, call.request().url().host());
        } finally {
          internals.promote(dispatcher);
        }
      } catch (RuntimeException | Error e) { // also what the application's executor throws
        if (place != null) {
          place.takeBack();
        }
        throw e;
      }
    }
    return place;
  }

  /** Whether the application allows its client to connect again after a failure. */
  boolean mayConnectAgain(Call call) {
    Internals internals = inside.get();
    return internals != null && internals.client(call).retryOnConnectionFailure();
  }

  /** Whether the client's cache may have an answer to the call. */
  boolean mayBeCached(Call call) {
    Internals internals = inside.get();
    return internals != null && internals.mayBeCached(call);
  }

  /** Before a further attempt. */
  void sendingAgain(Call call) {
    Internals internals = inside.get();
    if (internals != null) {
      internals.freshRoutes(call);
    }
  }

  /** As {@link OkHttpWaits#hold}; without a connection. */
  Ticket.State hold(Call call, Ticket ticket) throws InterruptedException {
    Internals internals = inside.get();
    if (internals != null) {
      try {
        internals.releaseConnection(call);
      } catch (RuntimeException listeners) {
        // The application's listener threw; the connection is released.
      }
    }
    return waits.hold(call, ticket, signalled());
  }

  /** Ends a read of the response's body that another thread is in. */
  Closeable unblock(Call call, Response response) {
    return () -> {
      if (response.protocol() == Protocol.HTTP_2
          || response.protocol() == Protocol.H2_PRIOR_KNOWLEDGE) {
        response.close(); // wakes the stream's reader, and leaves the connection to the others
        return;
      }
      Internals internals = inside.get();
      Connection connection = internals == null ? null : internals.connection(call);
      if (connection != null) {
        connection.socket().close();
      }
    };
  }

  private boolean signalled() {
    Internals internals = inside.get();
    if (internals == null) {
      return false;
    }
    for (String name : internals.cancelling()) {
      if (!woven.test(name)) {
        return false;
      }
    }
    return true;
  }
}
