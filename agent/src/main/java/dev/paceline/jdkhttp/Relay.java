package dev.paceline.jdkhttp;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a stream for a {@link Holder} and passes the whole stream on afterwards, head
 * first, with the demand of whoever reads it: nothing is lost, reordered or doubled.
 *
 * <p>All state belongs to {@link #serial}. Demand is passed upstream outside of it: a publisher
 * that reads from a slow file or socket blocks inside {@code request}, and must not hold up {@link
 * #stop}.
 */
final class Relay<T> implements Flow.Subscriber<T> {
  /** Who looks at the head. Called one at a time. */
  interface Holder<T> {
    /**
     * The next item.
     *
     * @return true: taken, go on; false: enough, the relay keeps this item itself
     */
    boolean hold(T item);

    /** No more is looked at, the stream has not ended. Called at most once, not after ended. */
    void stopped();

    /** The stream has ended while its head was looked at. */
    void ended(@Nullable Throwable error);
  }

  private enum Phase {
    HOLDING,
    STOPPED,
    FLOWING,
    OVER
  }

  private final Holder<T> holder;
  private final Serial serial = new Serial();
  private final AtomicLong toRequest = new AtomicLong();
  private final ArrayDeque<T> held = new ArrayDeque<>();
  private volatile Flow.@Nullable Subscription upstream;
  private Phase phase = Phase.HOLDING;
  private Flow.@Nullable Subscriber<? super T> downstream;
  private long demand;
  private long outstanding;
  private boolean ended;
  private @Nullable Throwable error;

  /** The failure waits until the reader asks for more than what came before it. */
  private boolean failsLater;

  Relay(Holder<T> holder) {
    this.holder = holder;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    run(
        () -> {
          if (upstream != null || phase == Phase.OVER) {
            subscription.cancel();
            return;
          }
          upstream = subscription;
          if (phase == Phase.HOLDING) {
            ask(1);
          } else if (phase == Phase.FLOWING) {
            drain();
          }
        });
  }

  @Override
  public void onNext(T item) {
    run(() -> next(item));
  }

  private void next(T item) {
    if (outstanding != Long.MAX_VALUE) {
      outstanding--;
    }
    switch (phase) {
      case HOLDING -> {
        if (taken(item)) {
          ask(1);
        } else {
          held.add(item);
          phase = Phase.STOPPED;
          holder.stopped();
        }
      }
      case STOPPED -> held.add(item);
      case FLOWING -> {
        held.add(item);
        drain();
      }
      case OVER -> {}
    }
  }

  private boolean taken(T item) {
    try {
      return holder.hold(item);
    } catch (Throwable t) {
      return false; // out of memory, out of stack: what the holder has not taken is passed on
    }
  }

  @Override
  public void onError(Throwable failure) {
    run(() -> end(failure));
  }

  @Override
  public void onComplete() {
    run(() -> end(null));
  }

  private void end(@Nullable Throwable failure) {
    if (ended) {
      return;
    }
    ended = true;
    error = failure;
    if (phase == Phase.HOLDING) {
      phase = Phase.STOPPED;
      // The reader has not seen the head yet, and a stream of the JDK's that has failed gives out
      // nothing of what it still holds.
      failsLater = failure != null;
      holder.ended(failure);
    } else if (phase == Phase.FLOWING) {
      drain();
    }
  }

  /** Ends looking at the head, if it has not ended. */
  void stop() {
    run(
        () -> {
          if (phase == Phase.HOLDING) {
            phase = Phase.STOPPED;
            holder.stopped();
          }
        });
  }

  /**
   * Passes the stream on from its beginning.
   *
   * @param head the items that the holder took
   */
  void attach(Flow.Subscriber<? super T> subscriber, List<T> head) {
    run(
        () -> {
          if (phase != Phase.STOPPED) {
            return;
          }
          phase = Phase.FLOWING;
          failsLater &= !head.isEmpty();
          downstream = subscriber;
          for (int i = head.size() - 1; i >= 0; i--) {
            held.addFirst(head.get(i));
          }
          subscriber.onSubscribe(new Demand());
          drain();
        });
  }

  /** Passes on a failure that still waits for the reader. */
  void fail() {
    run(
        () -> {
          failsLater = false;
          if (phase == Phase.FLOWING) {
            drain();
          }
        });
  }

  /** Wants no more of the stream. */
  void drop() {
    run(this::over);
  }

  private void over() {
    phase = Phase.OVER;
    held.clear();
    downstream = null;
    Flow.Subscription from = upstream;
    if (from != null && !ended) {
      from.cancel();
    }
  }

  private void drain() {
    Flow.Subscriber<? super T> to = downstream;
    if (to == null) {
      return;
    }
    try {
      for (Iterator<T> i = held.iterator(); demand > 0 && i.hasNext(); ) {
        T item = i.next();
        i.remove();
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        to.onNext(item);
      }
    } catch (Throwable thrown) {
      // As the JDK's own publishers do when a subscriber breaks its contract.
      over();
      to.onError(thrown);
      return;
    }
    if (held.isEmpty() && ended) {
      if (failsLater && demand == 0) {
        return;
      }
      phase = Phase.OVER;
      downstream = null;
      Throwable failure = error;
      if (failure == null) {
        to.onComplete();
      } else {
        to.onError(failure);
      }
    } else if (demand > held.size() && upstream != null && outstanding != Long.MAX_VALUE) {
      long missing = demand - held.size() - outstanding;
      if (missing > 0) {
        ask(demand == Long.MAX_VALUE ? Long.MAX_VALUE : missing);
      }
    }
  }

  private void ask(long n) {
    outstanding = n == Long.MAX_VALUE ? n : outstanding + n;
    toRequest.accumulateAndGet(n, Relay::plus);
  }

  private static long plus(long a, long b) {
    return a + b < 0 ? Long.MAX_VALUE : a + b;
  }

  private void run(Runnable task) {
    serial.run(task);
    Flow.Subscription from = upstream;
    if (from != null) {
      long n = toRequest.getAndSet(0);
      if (n > 0) {
        from.request(n);
      }
    }
  }

  /** What the reader holds. */
  private final class Demand implements Flow.Subscription {
    @Override
    public void request(long n) {
      run(
          () -> {
            if (phase != Phase.FLOWING) {
              return;
            }
            if (n <= 0) {
              Flow.Subscriber<? super T> to = downstream;
              over();
              if (to != null) {
                to.onError(new IllegalArgumentException("non-positive subscription request"));
              }
              return;
            }
            demand = plus(demand, n);
            drain();
          });
    }

    @Override
    public void cancel() {
      run(
          () -> {
            if (phase != Phase.OVER) {
              over();
            }
          });
    }
  }
}
