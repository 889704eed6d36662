package dev.paceline.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

class RelayTest {
  /** Publishes numbers, one for each that was asked for, and fails when more than asked for. */
  private static final class Source implements Flow.Subscription {
    private final Flow.Subscriber<Integer> to;
    private final int count;
    private final boolean fails;
    private long asked;
    private int next;
    private boolean publishing;
    boolean cancelled;

    Source(Flow.Subscriber<Integer> to, int count, boolean fails) {
      this.to = to;
      this.count = count;
      this.fails = fails;
    }

    @Override
    public void request(long n) {
      asked = asked + n < 0 ? Long.MAX_VALUE : asked + n;
      publish();
    }

    private void publish() {
      if (publishing) {
        return;
      }
      publishing = true;
      while (asked > 0 && next < count && !cancelled) {
        asked--;
        to.onNext(next++);
      }
      if (next == count && !cancelled) {
        next++;
        if (fails) {
          to.onError(new IllegalStateException("mine"));
        } else {
          to.onComplete();
        }
      }
      publishing = false;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private static final class Reader implements Flow.Subscriber<Integer> {
    final List<Integer> got = new ArrayList<>();
    final List<String> ends = new ArrayList<>();
    Flow.@Nullable Subscription subscription;
    long asked;

    void ask(long n) {
      asked = asked + n < 0 ? Long.MAX_VALUE : asked + n;
      subscription.request(n);
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      assertThat(subscription).isNull();
      subscription = s;
    }

    @Override
    public void onNext(Integer item) {
      assertThat(ends).isEmpty();
      got.add(item);
      assertThat((long) got.size()).isLessThanOrEqualTo(asked);
    }

    @Override
    public void onError(Throwable failure) {
      ends.add(failure.getMessage());
    }

    @Override
    public void onComplete() {
      ends.add("complete");
    }
  }

  @Property
  void whatTheHolderTookAndTheRestArriveOnceInOrderAndOnlyWhenAskedFor(
      @ForAll @IntRange(max = 40) int items,
      @ForAll @IntRange(max = 40) int takes,
      @ForAll boolean fails,
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 5) Integer> demands,
      @ForAll boolean unbounded) {
    List<Integer> head = new ArrayList<>();
    List<String> told = new ArrayList<>();
    Relay<Integer> relay =
        new Relay<>(
            new Relay.Holder<>() {
              @Override
              public boolean hold(Integer item) {
                return head.size() < takes && head.add(item);
              }

              @Override
              public void stopped() {
                told.add("stopped");
              }

              @Override
              public void ended(@Nullable Throwable error) {
                told.add("ended");
              }
            });
    Source source = new Source(relay, items, fails);
    relay.onSubscribe(source);
    assertThat(told).containsExactly(items > takes ? "stopped" : "ended");

    Reader reader = new Reader();
    relay.attach(reader, List.copyOf(head));
    for (int demand : demands) {
      reader.ask(demand);
    }
    if (unbounded) {
      reader.ask(Long.MAX_VALUE);
    }

    long expected = Math.min(items, reader.asked);
    assertThat(reader.got).hasSize((int) expected);
    for (int i = 0; i < expected; i++) {
      assertThat(reader.got.get(i)).isEqualTo(i);
    }
    if (fails && items > 0 && items <= takes && reader.asked == items) {
      assertThat(reader.ends).as("what came before is read first").isEmpty();
      relay.fail();
    }
    if (expected == items && (reader.asked > items || items <= takes)) {
      assertThat(reader.ends).containsExactly(fails ? "mine" : "complete");
    }
  }

  @Property(tries = 50)
  void cancelledReaderCancelsTheSourceAndHearsNoMore(@ForAll @IntRange(min = 2, max = 9) int n) {
    Relay<Integer> relay = new Relay<>(taking(1));
    Source source = new Source(relay, 10, false);
    relay.onSubscribe(source);
    Reader reader = new Reader();
    relay.attach(reader, List.of(0));
    reader.ask(n);
    reader.subscription.cancel();
    reader.subscription.request(5);
    assertThat(source.cancelled).isTrue();
    assertThat(reader.got).hasSize(n);
    assertThat(reader.ends).isEmpty();
  }

  @Property(tries = 5)
  void demandThatIsNotPositiveEndsTheStream(@ForAll @IntRange(min = -3, max = 0) int n) {
    Relay<Integer> relay = new Relay<>(taking(1));
    Source source = new Source(relay, 10, false);
    relay.onSubscribe(source);
    Reader reader = new Reader();
    relay.attach(reader, List.of(0));
    reader.subscription.request(n);
    assertThat(reader.ends).hasSize(1);
    assertThat(source.cancelled).isTrue();
  }

  private static Relay.Holder<Integer> taking(int most) {
    return new Relay.Holder<>() {
      private int taken;

      @Override
      public boolean hold(Integer item) {
        return taken++ < most;
      }

      @Override
      public void stopped() {}

      @Override
      public void ended(@Nullable Throwable error) {}
    };
  }
}
