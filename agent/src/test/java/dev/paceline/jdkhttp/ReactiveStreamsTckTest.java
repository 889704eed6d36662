package dev.paceline.jdkhttp;

import dev.paceline.call.BodyTap;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.reactivestreams.tck.flow.support.HelperPublisher;
import org.reactivestreams.tck.flow.support.InfiniteHelperPublisher;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * The Reactive Streams Technology Compatibility Kit over what stands between the JDK's client and
 * the application. Its tests are TestNG's; they are found and run here, each by itself. The kit
 * skips rules that leave a choice, and says so.
 */
class ReactiveStreamsTckTest {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "tck");
            thread.setDaemon(true);
            return thread;
          });

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  private static TestEnvironment environment() {
    return new TestEnvironment(3_000, 50, 10);
  }

  /** A stream whose head was looked at, passed on from its beginning. */
  static final class Passed extends FlowPublisherVerification<Integer> {
    private static final int HEAD = 2;

    Passed() {
      super(environment(), 100);
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
      Publisher<Integer> numbers =
          elements > Integer.MAX_VALUE
              ? new InfiniteHelperPublisher<>(i -> i, THREADS)
              : new HelperPublisher<>(0, (int) elements, i -> i, THREADS);
      return passed(FlowAdapters.toFlowPublisher(numbers));
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
      return passed(
          to -> {
            to.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long n) {}

                  @Override
                  public void cancel() {}
                });
            to.onError(new IllegalStateException("broken"));
          });
    }

    private static Flow.Publisher<Integer> passed(Flow.Publisher<Integer> from) {
      return to -> {
        Objects.requireNonNull(to);
        CompletableFuture<@Nullable Void> looked = new CompletableFuture<>();
        List<Integer> head = new ArrayList<>();
        Relay<Integer> relay =
            new Relay<>(
                new Relay.Holder<>() {
                  @Override
                  public boolean hold(Integer item) {
                    return head.size() < HEAD && head.add(item);
                  }

                  @Override
                  public void stopped() {
                    looked.complete(null);
                  }

                  @Override
                  public void ended(@Nullable Throwable error) {
                    looked.complete(null);
                  }
                });
        from.subscribe(relay);
        looked.join();
        relay.attach(to, head);
      };
    }
  }

  /**
   * A subscriber of the JDK's; once as it is, so that the kit's word on it is known, and tapped.
   */
  static final class Tapped extends FlowSubscriberBlackboxVerification<List<ByteBuffer>> {
    private final Supplier<BodySubscriber<?>> made;

    Tapped(Supplier<BodySubscriber<?>> made) {
      super(environment());
      this.made = made;
    }

    @Override
    public Flow.Subscriber<List<ByteBuffer>> createFlowSubscriber() {
      return made.get();
    }

    @Override
    public List<ByteBuffer> createElement(int element) {
      return List.of(ByteBuffer.wrap(new byte[] {(byte) element}));
    }
  }

  @SuppressWarnings("unchecked") // whatever its body is, nobody asks for it
  private static BodySubscriber<?> tapped() {
    return TappedSubscriber.around(
        (BodySubscriber<Object>) (BodySubscriber<?>) BodySubscribers.ofByteArray(),
        new BodyTap() {
          @Override
          public void bytes(byte[] bytes, int offset, int length) {}

          @Override
          public void bytes(ByteBuffer bytes) {}

          @Override
          public void end(boolean complete) {}
        });
  }

  @TestFactory
  Stream<DynamicContainer> kit() {
    return Stream.of(
        all("passed on", Passed::new),
        all("the JDK's subscriber", () -> new Tapped(BodySubscribers::ofByteArray)),
        all("the JDK's subscriber, tapped", () -> new Tapped(ReactiveStreamsTckTest::tapped)));
  }

  private static DynamicContainer all(String name, Supplier<?> verification) {
    return DynamicContainer.dynamicContainer(
        name,
        Arrays.stream(verification.get().getClass().getMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .sorted(Comparator.comparing(Method::getName))
            .map(m -> DynamicTest.dynamicTest(m.getName(), () -> run(verification.get(), m))));
  }

  private static void call(Object verification, Class<? extends Annotation> when)
      throws ReflectiveOperationException {
    for (Method method : verification.getClass().getMethods()) {
      if (method.isAnnotationPresent(when)) {
        method.invoke(verification);
      }
    }
  }

  private static void run(Object verification, Method test) throws Throwable {
    try {
      call(verification, BeforeClass.class);
      call(verification, BeforeMethod.class);
      test.invoke(verification);
      call(verification, AfterClass.class);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skipped) {
        throw new TestAbortedException(skipped.getMessage());
      }
      throw e.getCause();
    }
  }
}
